import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { createNoopProfiler, type Types } from '@graphql-codegen/plugin-helpers';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { gqlPluckFromCodeStringSync } from '@graphql-tools/graphql-tag-pluck';
import { mergeTypeDefs } from '@graphql-tools/merge';
import { buildASTSchema, type DocumentNode, parse } from 'graphql';
import { CLIENT_TYPES, RESOLVER_TYPES } from '../../codegen';
import { readSchema } from '../../subgraphs/shared/schemaFiles';
import { composeSubgraphs, writeWholeSchemas } from '../compose';

/**
 * The types of resolvers and client documents, and the schemas in one file. codegen's own program is not used: it takes as
 * long to load as all of this to make.
 * @throws Error with what is wrong with a schema or a client's document.
 */
export async function generateTypes(root: string): Promise<void> {
  // Not the committed supergraph: its drift is for `check` to find.
  const { apiSdl } = composeSubgraphs();
  writeWholeSchemas();
  const resolvers = RESOLVER_TYPES.map(({ subgraph, config }): Types.GenerateOptions => {
    const folder = join(root, 'subgraphs', subgraph);
    return {
      ...schemaOf(mergeTypeDefs([readSchema(folder)])),
      filename: join(folder, 'generated', 'resolvers.ts'),
      documents: [],
      plugins: [{ typescript: {} }, { typescriptResolvers: {} }],
      pluginMap: { typescript, typescriptResolvers },
      config,
    };
  });
  const client = await preset.buildGeneratesSection({
    ...schemaOf(parse(apiSdl)),
    baseOutputDir: join(root, CLIENT_TYPES.output),
    documents: CLIENT_TYPES.documents.flatMap((file) => documentsIn(join(root, file))),
    plugins: [],
    pluginMap: {},
    presetConfig: CLIENT_TYPES.presetConfig,
    config: CLIENT_TYPES.config,
    profiler: createNoopProfiler(),
  });
  for (const output of [...resolvers, ...client]) write(output.filename, await codegen(output));
}

const schemaOf = (schema: DocumentNode) => ({ schema, schemaAst: buildASTSchema(schema, { assumeValidSDL: true }) });

/** The documents that a program's file has in `graphql(…)` calls. */
function documentsIn(file: string): Types.DocumentFile[] {
  const sources = gqlPluckFromCodeStringSync(file, readFileSync(file, 'utf8'), { skipIndent: true });
  return sources.map((source) => ({ location: file, rawSDL: source.body, document: parse(source) }));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
