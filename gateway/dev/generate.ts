import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listDatamodelFiles } from '../../prisma/datamodel';
import { listSchemaFiles } from '../../subgraphs/shared/schemaFiles';

const ROOT = join(__dirname, '..', '..');
const SERVICES = ['tenant', 'product', 'order'];

interface Part {
  /** Files from the root: while none of them changes, there is nothing to do. */
  inputs: string[];
  outputs: string[];
  make(): Promise<void> | void;
}

const DATAMODELS = SERVICES.flatMap((service) =>
  listDatamodelFiles(join(ROOT, 'prisma', service)).map((file) => `prisma/${service}/${file}`),
);
const CLIENTS = SERVICES.map((service) => `subgraphs/${service}/generated/prisma/client.ts`);

/** What is generated. Only what is to be made is loaded: each part loads compilers of a second or more. */
const PARTS = {
  /** The database clients: without them no service runs. */
  clients: {
    inputs: DATAMODELS,
    outputs: CLIENTS,
    make: () => {
      const { generateClients }: typeof import('./generateClients') = require('./generateClients');
      return generateClients(ROOT, SERVICES);
    },
  },
  /** The same with the types of Json columns, for the compiler alone, which are half of the work. */
  typedClients: {
    inputs: DATAMODELS,
    outputs: CLIENTS,
    make: async () => {
      const { generateClients, typeJsonColumns }: typeof import('./generateClients') = require('./generateClients');
      await generateClients(ROOT, SERVICES);
      await typeJsonColumns(ROOT, SERVICES);
    },
  },
  /** Types of resolvers and client documents, and the schemas in one file: for the compiler, editors and tests. */
  types: {
    inputs: [
      'codegen.ts',
      ...SERVICES.flatMap((service) =>
        listSchemaFiles(join(ROOT, 'subgraphs', service)).map((file) => `subgraphs/${service}/${file}`),
      ),
      'gateway/test/client/storeClient.ts',
    ],
    outputs: SERVICES.map((service) => `subgraphs/${service}/generated/resolvers.ts`),
    make: () => {
      const { generateTypes }: typeof import('./generateTypes') = require('./generateTypes');
      return generateTypes(ROOT);
    },
  },
} satisfies Record<string, Part>;

/** Another version of a generator makes another output. */
const GENERATORS = 'package-lock.json';
export const INPUTS = [GENERATORS, ...PARTS.clients.inputs, ...PARTS.types.inputs];

type Name = keyof typeof PARTS;

const stampOf = (name: Name) => join(ROOT, 'gateway', 'generated', `${name}.sha256`);

function isUpToDate(name: Name): boolean {
  const { inputs, outputs }: Part = PARTS[name];
  const stamp = existsSync(stampOf(name)) ? readFileSync(stampOf(name), 'utf8') : '';
  return stamp === fingerprintOf([GENERATORS, ...inputs]) && outputs.every((file) => existsSync(join(ROOT, file)));
}

async function generate(name: Name): Promise<void> {
  console.log(`Generating ${name === 'types' ? 'types' : 'database clients'}…`);
  const { inputs, make }: Part = PARTS[name];
  const fingerprint = fingerprintOf([GENERATORS, ...inputs]);
  // Both kinds of clients are the same files: where this is interrupted, there are none.
  if (name !== 'types') for (const kind of ['clients', 'typedClients'] as const) rmSync(stampOf(kind), { force: true });
  await make();
  mkdirSync(dirname(stampOf(name)), { recursive: true });
  writeFileSync(stampOf(name), fingerprint);
}

function fingerprintOf(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

/** `generate.ts [clients] [--force]`: makes what is not there, or older than its inputs; `clients`: only what services need to run. */
async function main(args: string[]): Promise<void> {
  const force = args.includes('--force');
  const toRun = args.includes('clients');
  if (force || !isUpToDate('typedClients')) {
    if (!toRun) await generate('typedClients');
    else if (force || !isUpToDate('clients')) await generate('clients');
  }
  if (!toRun && (force || !isUpToDate('types'))) await generate('types');
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
