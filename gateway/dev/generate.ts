import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listDatamodelFiles } from '../../prisma/datamodel';
import { listSchemaFiles } from '../../subgraphs/shared/schemaFiles';
import { composeSubgraphs, writeWholeSchemas } from '../compose';

const ROOT = join(__dirname, '..', '..');
const SERVICES = ['tenant', 'product', 'order'];
const STAMP_FILE = join(ROOT, 'gateway', 'generated', 'inputs.sha256');

const API_SCHEMA_FILE = join(ROOT, 'gateway', 'generated', 'api.graphql');

/** What the generated code is made from: when none of it has changed, there is nothing to do. */
export const INPUTS = [
  'package-lock.json',
  'codegen.ts',
  ...SERVICES.flatMap((service) => [
    ...listSchemaFiles(join(ROOT, 'subgraphs', service)).map((file) => `subgraphs/${service}/${file}`),
    ...listDatamodelFiles(join(ROOT, 'prisma', service)).map((file) => `prisma/${service}/${file}`),
  ]),
  'gateway/test/client/storeClient.ts',
];
const OUTPUTS = SERVICES.flatMap((service) => [
  `subgraphs/${service}/generated/prisma/client.ts`,
  `subgraphs/${service}/generated/resolvers.ts`,
]);

/** Makes the database clients, the clients' schema, and the types of resolvers and client documents. */
function generate(force: boolean): void {
  const fingerprint = fingerprintOf(INPUTS);
  if (!force && OUTPUTS.every((file) => existsSync(join(ROOT, file))) && stamp() === fingerprint) return;

  console.log('Generating database clients and types…');
  for (const service of SERVICES) run('prisma', ['generate', '--schema', `prisma/${service}`]);
  // Not the committed supergraph: its drift is for `check` to find.
  mkdirSync(dirname(API_SCHEMA_FILE), { recursive: true });
  writeFileSync(API_SCHEMA_FILE, composeSubgraphs().apiSdl);
  writeWholeSchemas();
  run('graphql-codegen', ['--config', 'codegen.ts', '--silent']);
  writeFileSync(STAMP_FILE, fingerprint);
}

function run(command: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binary(command), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    // Generating needs no schema engine, which Prisma would download: any file that exists stands for it.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: __filename, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
}

function binary(command: string): string {
  const [packageName, bin] =
    command === 'prisma' ? ['prisma', 'build/index.js'] : ['@graphql-codegen/cli', 'esm/bin.js'];
  return join(ROOT, 'node_modules', packageName, bin);
}

const stamp = () => (existsSync(STAMP_FILE) ? readFileSync(STAMP_FILE, 'utf8') : '');

function fingerprintOf(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

if (require.main === module) {
  try {
    generate(process.argv.includes('--force'));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
