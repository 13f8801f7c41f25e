import { join } from 'node:path';
import { PrismaClientTsGenerator } from '@prisma/client-generator-ts';
import { type GeneratorRegistry, getGenerators, loadSchemaContext } from '@prisma/internals';

/** The names of the generators in prisma/<service>/schema.prisma. */
const CLIENT = 'client';
const JSON_TYPES = 'json';

const REGISTRY: GeneratorRegistry = {
  'prisma-client': { type: 'in-process', generator: new PrismaClientTsGenerator() },
  'prisma-json-types-generator': {
    type: 'rpc',
    generatorPath: require.resolve('prisma-json-types-generator/index.js'),
    isNode: true,
  },
};

/**
 * What `prisma generate` does, for all services in one process: its program takes two seconds to load, and asks a server
 * whether there is a newer one.
 * @throws Error with what is wrong with a schema.
 */
export async function generateClients(root: string, services: string[]): Promise<void> {
  for (const service of services) await runGenerator(root, service, CLIENT, [CLIENT]);
}

/**
 * Gives the Json columns of clients that were just made their types: for the compiler alone, and half of the work. It reads where the
 * client is from the other generator's settings.
 */
export async function typeJsonColumns(root: string, services: string[]): Promise<void> {
  for (const service of services) await runGenerator(root, service, JSON_TYPES, [CLIENT, JSON_TYPES]);
}

async function runGenerator(root: string, service: string, name: string, names: string[]): Promise<void> {
  // Generating needs no schema engine, which Prisma would download: any file that exists stands for it.
  process.env.PRISMA_SCHEMA_ENGINE_BINARY = __filename;
  const schemaContext = await loadSchemaContext({
    schemaPath: { cliProvidedPath: join(root, 'prisma', service) },
    printLoadMessage: false,
  });
  const has = (generator: string) => schemaContext.generators.some((config) => config.name === generator);
  if (!has(name)) return;
  const generators = await getGenerators({
    schemaContext,
    registry: REGISTRY,
    cliCommand: 'generate',
    generatorNames: names.filter(has),
  });
  for (const generator of generators) {
    try {
      if (generator.options?.generator.name === name) await generator.generate();
    } finally {
      generator.stop();
    }
  }
}
