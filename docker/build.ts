import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';
import { SERVICES as DATABASES } from '../prisma/databases';
import { listDatamodelFiles } from '../prisma/datamodel';
import { listSchemaFiles } from '../subgraphs/shared/schemaFiles';

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');

/** What the compiled services read beside their code: files and folders, from the root. */
export const ASSETS = [
  'gateway/supergraph.graphql',
  ...DATABASES.flatMap((name) => [
    ...listSchemaFiles(join(ROOT, 'subgraphs', name)).map((file) => `subgraphs/${name}/${file}`),
    ...listDatamodelFiles(join(ROOT, 'prisma', name)).map((file) => `prisma/${name}/${file}`),
    `prisma/${name}/migrations`,
  ]),
  'node_modules/@prisma/schema-engine-wasm/schema_engine_bg.wasm',
];

/**
 * `npm run build`: all that the image runs, under dist/: the services as JavaScript, and of the packages the files that they
 * load and no others. It runs wherever there is Node: `SERVICE=gateway node dist/docker/run.js`.
 */
async function build(): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--project', 'docker'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The services do not compile.');
  for (const path of ASSETS) copy(path);
  // As Node resolves since it can require ES modules, which is in all versions that this supports.
  const conditions = ['node', 'module-sync'];
  const { fileList } = await nodeFileTrace(await compiledFiles(), { base: ROOT, conditions });
  for (const file of fileList) if (file.startsWith('node_modules/')) copy(file);
}

/** A link between packages stays one. */
function copy(path: string): void {
  cpSync(join(ROOT, path), join(DIST, path), { recursive: true, verbatimSymlinks: true });
}

async function compiledFiles(): Promise<string[]> {
  const entries = await readdir(DIST, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(DIST, file).startsWith('node_modules'));
}

if (require.main === module) {
  build().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
