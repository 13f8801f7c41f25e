import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';

const ROOT = join(__dirname, '..', '..');
/** Longer than a run of all tests, which starts services to its end. */
const KEPT_MS = 60 * 60 * 1000;

/** By its name, what a bundle begins with. */
const ENTRIES: Record<string, string> = {
  tenant: 'subgraphs/tenant/main.ts',
  product: 'subgraphs/product/main.ts',
  order: 'subgraphs/order/main.ts',
  gateway: 'gateway/main.ts',
  'gateway.dev': 'gateway/dev/main.ts',
  planner: 'gateway/planning/planner.worker.ts',
};

/** Packages that Node loads from node_modules: with native code, or large and loaded by few processes. */
const NOT_BUNDLED = /^(sharp|@apollo\/gateway|@aws-sdk\/.*|@graphql-yoga\/render-graphiql\/.*|swagger-ui-dist\/.*)$/;

const OPTIONS = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  // Node's own import() would load a second copy of what is in the bundle.
  supported: { 'dynamic-import': false },
  write: false,
  metafile: true,
  logLevel: 'warning',
  // gateway/planning/planningThread.ts: the folder of bundles has that file.
  logOverride: { 'require-resolve-not-external': 'silent' },
} satisfies BuildOptions;

/** What runBundle.js exports. */
interface Runner {
  compile(code: string): Buffer;
  compiledFile(file: string): string;
}

/** The last build: its sources, from the root, and the name of its folder. */
interface Latest {
  sources: string[];
  folder: string;
}

/** The bundle of the service with this main file. */
export const bundleOf = (main: string): string | undefined =>
  Object.keys(ENTRIES).find((name) => ENTRIES[name] === main);

/**
 * Bundles the services, unless no source has changed since the last time: a file for each, and one for all their packages, because it takes
 * three times as long to load 1,800 modules one by one. Several processes may do so at once. @returns the folder for runBundle.js.
 */
export async function bundleServices(root = ROOT, entries = ENTRIES): Promise<string> {
  const bundles = join(root, '.data', 'bundles');
  const latestFile = join(bundles, 'latest.json');
  const latest = existsSync(latestFile) ? (JSON.parse(readFileSync(latestFile, 'utf8')) as Latest) : null;
  if (
    latest &&
    latest.folder ===
      fingerprint(
        root,
        latest.sources.map((path) => [path, readIfThere(root, path)]),
      )
  ) {
    const folder = join(bundles, latest.folder);
    if (existsSync(folder)) return folder;
  }

  // Only here, as it takes time to load.
  const esbuild: typeof import('esbuild') = require('esbuild');
  const read = new Map<string, string>();
  // Of no build, and as deep as the folder of one: relative paths hold there.
  const outdir = join(bundles, 'output');
  const { outputFiles, metafile } = await esbuild.build({
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: entries,
    outdir,
    packages: 'external',
    plugins: [readSources(root, read)],
    sourcemap: 'external',
    sourcesContent: false,
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const packages = await bundlePackages(esbuild, root, namesOf(imports.filter(({ external }) => external)));
  // Otherwise its process runs as long as this one.
  await esbuild.stop();

  const sources = [...read].sort(([a], [b]) => (a < b ? -1 : 1));
  const folder = join(bundles, fingerprint(root, sources));
  const runner = relative(folder, join(__dirname, 'runBundle.js'));
  writeFolder(folder, {
    ...Object.fromEntries(outputFiles.map(({ path, contents }) => [relative(outdir, path), contents])),
    'packages.json': JSON.stringify(relative(folder, packages)),
    'planner.worker.js': `require(${JSON.stringify(runner)}).runBundle(__dirname, 'planner');\n`,
  });
  const made: Latest = { sources: sources.map(([path]) => path), folder: relative(bundles, folder) };
  writeFileSync(`${latestFile}.${process.pid}`, JSON.stringify(made));
  renameSync(`${latestFile}.${process.pid}`, latestFile);
  removeOld(bundles, [folder, dirname(packages)]);
  return folder;
}

const readIfThere = (root: string, path: string): string =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';

/** Of what a bundle is made of: `parts`, the installed packages by npm's own record of them, and this file. */
function fingerprint(root: string, parts: readonly (readonly [string, string])[]): string {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const packages = existsSync(installed) ? installed : join(root, 'package-lock.json');
  const hash = createHash('sha256').update(readFileSync(packages)).update(readFileSync(__filename));
  for (const [name, content] of parts) hash.update(`${name}\n${content.length}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
}

/** Keeps each source as it was bundled, and gives each its own `__dirname`, by which it finds files. */
const readSources = (root: string, read: Map<string, string>): Plugin => ({
  name: 'sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const file = relative(root, path);
      read.set(file, source);
      const folder = `require('node:path').join(__dirname, '../../..', ${JSON.stringify(dirname(file))})`;
      return { contents: source.replaceAll(/\b__dirname\b/g, folder), loader: 'ts' };
    });
  },
});

const namesOf = (imports: { path: string }[]): string[] =>
  [...new Set(imports.map(({ path }) => path))]
    .filter((name) => !name.startsWith('.') && !isBuiltin(name) && !NOT_BUNDLED.test(name))
    .sort();

/** On their own, as they seldom change. @returns the file, whose exports are a function for each package that loads it. */
async function bundlePackages(esbuild: typeof import('esbuild'), root: string, names: string[]): Promise<string> {
  const loaders = names.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)}),\n`);
  const entry = `module.exports = {\n${loaders.join('')}};`;
  const folder = join(root, '.data', 'bundles', `packages-${fingerprint(root, [['names', entry]])}`);
  const file = join(folder, 'packages.js');
  if (existsSync(file)) return file;
  const { outputFiles } = await esbuild.build({
    ...OPTIONS,
    absWorkingDir: root,
    stdin: { contents: entry, resolveDir: root },
    legalComments: 'none',
  });
  const { compile, compiledFile }: Runner = require('./runBundle');
  const contents = outputFiles[0]?.text ?? '';
  // Once for all services: it takes V8 longer than all that is ours.
  writeFolder(folder, { 'packages.js': contents, [compiledFile('packages.js')]: compile(contents) });
  return file;
}

/** In one step: another process never sees half of it. */
function writeFolder(folder: string, files: Record<string, string | Uint8Array>): void {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(unfinished, name), content);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // It was made before, or by another process meanwhile.
    rmSync(unfinished, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

function removeOld(bundles: string, used: string[]): void {
  for (const entry of readdirSync(bundles, { withFileTypes: true })) {
    const path = join(bundles, entry.name);
    const isOld = entry.isDirectory() && Date.now() - statSync(path).mtimeMs > KEPT_MS;
    if (isOld && !used.includes(path)) rmSync(path, { recursive: true, force: true });
  }
}
