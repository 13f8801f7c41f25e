import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { concatAST, GraphQLError, parse, type Source } from 'graphql';
import { AUDIENCES, type Audience } from '../subgraphs/shared/caller';
import { readSchemaFiles } from '../subgraphs/shared/schemaFiles';
import { publicSdl } from './execution/publicSdl';
import { SUPERGRAPH_FILE } from './execution/supergraphFile';

const ROOT = join(__dirname, '..');
const API_SCHEMA_FILE = join(__dirname, 'schema.graphql');
/** The supergraph's format requires addresses, but the gateway reads them from its environment. */
const ROUTING_URLS: Record<Audience, string> = {
  tenant: 'http://localhost:3001/graphql',
  product: 'http://localhost:3002/graphql',
  order: 'http://localhost:3003/graphql',
};
/** `HintLevel.WARN` of @apollo/composition, which exports the type only. */
const WARN = 60;

export interface Composition {
  /** The supergraph that the gateway executes. */
  supergraphSdl: string;
  /** The clients' schema, without `@inaccessible` elements. */
  apiSdl: string;
  warnings: string[];
}

/** The files of each subgraph's SDL. */
export type SubgraphSchemas = Record<Audience, readonly Source[]>;

export function readSchemas(): SubgraphSchemas {
  const read = (name: Audience) => readSchemaFiles(join(ROOT, 'subgraphs', name));
  return { tenant: read('tenant'), product: read('product'), order: read('order') };
}

/** Composes the subgraphs' schemas. @throws CompositionFailed with a line for each error. */
export function composeSubgraphs(schemas: SubgraphSchemas = readSchemas()): Composition {
  const services = AUDIENCES.map((name) => ({ name, url: ROUTING_URLS[name], typeDefs: parsed(schemas[name]) }));
  const result = composeServices(services);
  if (result.errors) throw new CompositionFailed(result.errors);
  return {
    supergraphSdl: `${result.supergraphSdl.trim()}\n`,
    apiSdl: publicSdl(result.schema.toAPISchema().toGraphQLJSSchema()),
    warnings: result.hints
      .filter((hint) => hint.definition.level.value >= WARN)
      .map((hint) => `[${hint.definition.code}] ${hint.message}`),
  };
}

/** Composition errors, one line each: the code, the message, and the file and line if known. */
export class CompositionFailed extends Error {
  constructor(errors: readonly GraphQLError[]) {
    super(`The subgraphs do not compose:\n${errors.map((error) => `  ${describe(error)}`).join('\n')}`);
  }
}

/** Composes and writes the supergraph and the clients' schema. @returns the warnings. */
export function writeSupergraph(): string[] {
  const { supergraphSdl, apiSdl, warnings } = composeSubgraphs();
  replaceFile(SUPERGRAPH_FILE, supergraphSdl);
  replaceFile(API_SCHEMA_FILE, apiSdl);
  writeWholeSchemas();
  return warnings;
}

/** Writes each subgraph's SDL into one file, for tools that can't read a folder. */
export function writeWholeSchemas(): void {
  for (const [name, files] of Object.entries(readSchemas())) {
    replaceFile(join(ROOT, 'subgraphs', name, 'generated', 'schema.graphql'), files.map(({ body }) => body).join('\n'));
  }
}

function checkSupergraph(): string[] {
  const { supergraphSdl, apiSdl, warnings } = composeSubgraphs();
  for (const [file, sdl] of Object.entries({ [SUPERGRAPH_FILE]: supergraphSdl, [API_SCHEMA_FILE]: apiSdl })) {
    if (existsSync(file) && readFileSync(file, 'utf8') === sdl) continue;
    throw new Error(`gateway/${basename(file)} is stale: run "npm run compose" and commit the result.`);
  }
  return warnings;
}

function parsed(files: readonly Source[]) {
  try {
    return concatAST(files.map((file) => parse(file)));
  } catch (error) {
    if (error instanceof GraphQLError) throw new CompositionFailed([error]);
    throw error;
  }
}

function describe(error: GraphQLError): string {
  const code = error.extensions.code === undefined ? '' : `[${error.extensions.code}] `;
  const line = error.locations?.[0]?.line;
  const where = error.source && line !== undefined ? ` (${error.source.name}:${line})` : '';
  return `${code}${error.message}${where}`;
}

/** Replaces a file atomically, so that a gateway that watches it never reads a part. */
function replaceFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

if (require.main === module) {
  try {
    const warnings = process.argv.includes('--check') ? checkSupergraph() : writeSupergraph();
    for (const warning of warnings) console.warn(`warning ${warning}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
