import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Options, transformSync } from '@swc/core';
import { nodeFileTrace } from '@vercel/nft';
import swc from '../gateway/dev/swc.json';
import { SERVICES as DATABASES } from '../prisma/databases';
import { listDatamodelFiles } from '../prisma/datamodel';
import { listSchemaFiles } from '../subgraphs/shared/schemaFiles';
import { readShippedPackages, renderThirdPartyLicenses } from './thirdPartyLicenses';

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');

/** Not in the image: tests, development tools, and the programs that build and check the image. */
const NOT_IN_THE_IMAGE = /\.(test|d)\.ts$|\/(test|dev|chaos)\/|^docker\/(build|lint|manifest|thirdPartyLicenses)\.ts$/;

/** The sources of the image, from the root. */
export const listSources = (): string[] =>
  ['docker', 'gateway', 'prisma', 'subgraphs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file}`)
      .filter((file) => file.endsWith('.ts') && !NOT_IN_THE_IMAGE.test(file)),
  );

/** The programs that are run, also by hand. Other files are in the image only if one of these loads them. */
const PROGRAMS = /^(docker|subgraphs)\/|^gateway\/(main|planning\/planner\.worker)\.ts$|^prisma\/migrate\.ts$/;

/** Files and folders, from the root, that the compiled services read beside their code. */
export const ASSETS = [
  'package.json',
  'gateway/supergraph.graphql',
  ...DATABASES.flatMap((name) => [
    ...listSchemaFiles(join(ROOT, 'subgraphs', name)).map((file) => `subgraphs/${name}/${file}`),
    ...listDatamodelFiles(join(ROOT, 'prisma', name)).map((file) => `prisma/${name}/${file}`),
    `prisma/${name}/migrations`,
  ]),
  'node_modules/@prisma/schema-engine-wasm/schema_engine_bg.wasm',
];

/**
 * `npm run build`: writes everything that the image runs to dist/: the services as JavaScript, the files of packages that they load,
 * and the packages' licences. It runs wherever there is Node: `SERVICE=gateway node dist/docker/run.js`.
 */
async function build(): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  const sources = listSources();
  const compiled = sources.map(compile);
  for (const path of ASSETS) copy(path);
  // Node's own conditions since it can require ES modules, as all supported versions can.
  const conditions = ['node', 'module-sync'];
  const programs = compiled.filter((_file, index) => PROGRAMS.test(sources[index] ?? ''));
  const { fileList } = await nodeFileTrace(programs, { base: ROOT, conditions });
  for (const file of compiled) if (!fileList.has(relative(ROOT, file))) rmSync(file);
  const packageFiles = [...fileList].filter((file) => file.startsWith('node_modules/'));
  for (const file of packageFiles) copy(file);
  writeFileSync(
    join(DIST, 'THIRD_PARTY_LICENSES'),
    renderThirdPartyLicenses(readShippedPackages(ROOT, [...packageFiles, ...ASSETS])),
  );
}

/** Compiles without type checks, which `npm run check` does. @returns the file in dist/. */
function compile(path: string): string {
  const file = join(DIST, path.replace(/\.ts$/, '.js'));
  const { code } = transformSync(readFileSync(join(ROOT, path), 'utf8'), { ...(swc as Options), filename: path });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
  return file;
}

/** Copies a file or folder; links between packages stay links. */
function copy(path: string): void {
  cpSync(join(ROOT, path), join(DIST, path), { recursive: true, verbatimSymlinks: true });
}

if (require.main === module) {
  build().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
