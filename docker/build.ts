import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Options, transformSync } from '@swc/core';
import { nodeFileTrace } from '@vercel/nft';
import swc from '../gateway/dev/swc.json';
import { SERVICES as DATABASES } from '../prisma/databases';
import { listDatamodelFiles } from '../prisma/datamodel';
import { listSchemaFiles } from '../subgraphs/shared/schemaFiles';

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');

/** What no service runs: tests, tools of development, and what makes and checks the image. */
const NOT_IN_THE_IMAGE = /\.(test|d)\.ts$|\/(test|dev|chaos)\/|^docker\/(build|lint|manifest)\.ts$/;

/** The sources of the image, from the root. */
export const listSources = (): string[] =>
  ['docker', 'gateway', 'prisma', 'subgraphs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file}`)
      .filter((file) => file.endsWith('.ts') && !NOT_IN_THE_IMAGE.test(file)),
  );

/** What is run, or may be by hand: the rest is in the image where one of these loads it. */
const PROGRAMS = /^(docker|subgraphs)\/|^gateway\/main\.ts$|^prisma\/migrate\.ts$/;

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
  const sources = listSources();
  const compiled = sources.map(compile);
  for (const path of ASSETS) copy(path);
  // As Node resolves since it can require ES modules, which is in all versions that this supports.
  const conditions = ['node', 'module-sync'];
  const programs = compiled.filter((_file, index) => PROGRAMS.test(sources[index] ?? ''));
  const { fileList } = await nodeFileTrace(programs, { base: ROOT, conditions });
  for (const file of compiled) if (!fileList.has(relative(ROOT, file))) rmSync(file);
  for (const file of fileList) if (file.startsWith('node_modules/')) copy(file);
}

/** Types are for `npm run check`. @returns the file in dist/. */
function compile(path: string): string {
  const file = join(DIST, path.replace(/\.ts$/, '.js'));
  const { code } = transformSync(readFileSync(join(ROOT, path), 'utf8'), { ...(swc as Options), filename: path });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
  return file;
}

/** A link between packages stays one. */
function copy(path: string): void {
  cpSync(join(ROOT, path), join(DIST, path), { recursive: true, verbatimSymlinks: true });
}

if (require.main === module) {
  build().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
