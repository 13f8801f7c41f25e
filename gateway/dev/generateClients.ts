import { join } from 'node:path';
import { PrismaClientTsGenerator } from '@prisma/client-generator-ts';
import { type GeneratorRegistry, getGenerators, loadSchemaContext } from '@prisma/internals';

/**
 * What `prisma generate` does, for all services in one process: its program takes two seconds to load, and asks a server
 * whether there is a newer one.
 * @throws Error with what is wrong with a schema.
 */
export async function generateClients(root: string, services: string[]): Promise<void> {
  // Generating needs no schema engine, which Prisma would download: any file that exists stands for it.
  process.env.PRISMA_SCHEMA_ENGINE_BINARY = __filename;
  const registry: GeneratorRegistry = {
    'prisma-client': { type: 'in-process', generator: new PrismaClientTsGenerator() },
    'prisma-json-types-generator': {
      type: 'rpc',
      generatorPath: require.resolve('prisma-json-types-generator/index.js'),
      isNode: true,
    },
  };
  for (const service of services) {
    const schemaContext = await loadSchemaContext({
      schemaPath: { cliProvidedPath: join(root, 'prisma', service) },
      printLoadMessage: false,
    });
    const generators = await getGenerators({ schemaContext, registry, cliCommand: 'generate' });
    for (const generator of generators) {
      try {
        await generator.generate();
      } finally {
        generator.stop();
      }
    }
  }
}
