import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/** What is generated. Only what is to be made is loaded: both parts load compilers of a second or more. */
const PARTS = {
  /** The database clients: without them no service runs. */
  clients: {
    inputs: SERVICES.flatMap((service) =>
      listDatamodelFiles(join(ROOT, 'prisma', service)).map((file) => `prisma/${service}/${file}`),
    ),
    outputs: SERVICES.map((service) => `subgraphs/${service}/generated/prisma/client.ts`),
    make: () => {
      const { generateClients }: typeof import('./generateClients') = require('./generateClients');
      return generateClients(ROOT, SERVICES);
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

async function generate(name: keyof typeof PARTS, force: boolean): Promise<void> {
  const { inputs, outputs, make }: Part = PARTS[name];
  const stampFile = join(ROOT, 'gateway', 'generated', `${name}.sha256`);
  const fingerprint = fingerprintOf([GENERATORS, ...inputs]);
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (!force && stamp === fingerprint && outputs.every((file) => existsSync(join(ROOT, file)))) return;

  console.log(`Generating ${name === 'clients' ? 'database clients' : 'types'}…`);
  await make();
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, fingerprint);
}

function fingerprintOf(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

/** `generate.ts [clients] [--force]`: makes what is not there, or older than its inputs; `clients`: of the database clients only. */
async function main(args: string[]): Promise<void> {
  const force = args.includes('--force');
  await generate('clients', force);
  if (!args.includes('clients')) await generate('types', force);
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
