import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { concatAST, type DocumentNode, parse, Source } from 'graphql';

const ROOT = join(__dirname, '..', '..');

/**
 * Lists the files of a subgraph's SDL. `schema.graphql` has what features share; a feature folder has its own types, and extends other
 * types by `extend type`. @returns paths from `folder`: the shared file first, then sorted by name.
 */
export function listSchemaFiles(folder: string): string[] {
  const features = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const ofFeature = ({ name }: { name: string }) =>
    readdirSync(join(folder, name))
      .filter((file) => file.endsWith('.graphql'))
      .map((file) => join(name, file));
  const isGenerated = (name: string) => name === 'generated';
  return [
    'schema.graphql',
    ...features
      .filter(({ name }) => !isGenerated(name))
      .flatMap(ofFeature)
      .sort(),
  ];
}

/** The files of {@link listSchemaFiles}, each named by its path from the root for messages. */
export const readSchemaFiles = (folder: string): Source[] =>
  listSchemaFiles(folder).map((file) => {
    const path = join(folder, file);
    return new Source(readFileSync(path, 'utf8'), relative(ROOT, path));
  });

/** Parses a subgraph's whole SDL. @throws GraphQLError with the file and line of a syntax error. */
export const readSchema = (folder: string): DocumentNode =>
  concatAST(readSchemaFiles(folder).map((file) => parse(file)));
