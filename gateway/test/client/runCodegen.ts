import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { createNoopProfiler } from '@graphql-codegen/plugin-helpers';
import { buildSchema, parse } from 'graphql';
import config from '../../../docs/clients/codegen';

/**
 * What codegen's program does by docs/clients/codegen.ts, with the schema at the address that is the first argument and one query. A
 * process of its own: Jest can't load codegen's ES modules.
 */
async function main(): Promise<void> {
  const sdl = await (await fetch(process.argv[2] ?? config.schema)).text();
  const [[baseOutputDir, output] = []] = Object.entries(config.generates);
  if (!baseOutputDir || !output) throw new Error('docs/clients/codegen.ts generates nothing');
  const query = 'query Price($id: ID!) { product(id: $id) { priceRange { min { amount } } } }';
  const files = await preset.buildGeneratesSection({
    schema: parse(sdl),
    schemaAst: buildSchema(sdl),
    baseOutputDir,
    documents: [{ location: 'price.ts', document: parse(query), rawSDL: query }],
    plugins: [],
    pluginMap: {},
    config: output.config,
    presetConfig: {},
    profiler: createNoopProfiler(),
  });
  for (const file of files) console.log(await codegen(file));
}

main().catch((error: Error) => {
  console.error(error);
  process.exitCode = 1;
});
