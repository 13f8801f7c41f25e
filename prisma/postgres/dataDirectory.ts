import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries';
import { codeOf, EmbeddedPostgresError } from './embeddedPostgresError';
import type { OsUser } from './osUser';
import { complaintIn, runProgram } from './runProgram';
import { freshScratch } from './scratch';

const run = promisify(execFile);
const MAJOR_VERSION = '18';

interface Cluster {
  binaries: Binaries;
  dataDirectory: string;
  user: OsUser;
  superuserPassword: string;
}

/**
 * Creates the data folder when it is missing or empty: superuser `postgres`, UTF-8, SCRAM passwords.
 * @returns whether it was created.
 * @throws EmbeddedPostgresError DATA_UNUSABLE or NO_PERMISSION when something else is there.
 */
export async function prepareDataDirectory(cluster: Cluster, withoutSync: boolean): Promise<boolean> {
  const { dataDirectory, user } = cluster;
  if (await isMissing(dataDirectory)) {
    await initialise(cluster, withoutSync);
    return true;
  }
  // It belongs to root when root has copied it here.
  if (user.uid !== undefined && (await stat(dataDirectory)).uid === 0) {
    await run('chown', ['-R', `${user.uid}:${user.gid}`, dataDirectory]);
  }
  const owner = await stat(dataDirectory);
  const runsAs = user.uid ?? process.getuid?.();
  if (owner.uid !== runsAs) {
    throw new EmbeddedPostgresError(
      'NO_PERMISSION',
      `PostgreSQL's data folder ${dataDirectory} belongs to the user with id ${owner.uid}, not to id ${runsAs} which ` +
        'PostgreSQL would run as: start as that user, or delete the folder to begin anew.',
    );
  }
  // PostgreSQL refuses a folder that other users can enter, and some tools copy it so.
  if ((owner.mode & 0o077) !== 0) await chmod(dataDirectory, 0o700);
  return false;
}

async function isMissing(dataDirectory: string): Promise<boolean> {
  const unusable = (problem: string, cause?: unknown) =>
    new EmbeddedPostgresError(
      'DATA_UNUSABLE',
      `${dataDirectory} ${problem}: move it away, and an empty database is made in its place.`,
      { cause },
    );
  try {
    const version = (await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8')).trim();
    if (version === MAJOR_VERSION) return false;
    throw unusable(`is a data folder of PostgreSQL ${version}, and this is PostgreSQL ${MAJOR_VERSION}`);
  } catch (error) {
    if (codeOf(error) === 'EACCES') {
      throw new EmbeddedPostgresError(
        'NO_PERMISSION',
        `PostgreSQL's data folder ${dataDirectory} belongs to another user: start as that user, or delete the folder.`,
        { cause: error },
      );
    }
    if (codeOf(error) === 'ENOTDIR') throw unusable('is not a folder', error);
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  try {
    if ((await readdir(dataDirectory)).length > 0) throw unusable('is not a data folder of PostgreSQL');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  return true;
}

/** Creates it as a sibling and renames it at the end: an interruption leaves no incomplete data folder. */
async function initialise(
  { binaries, dataDirectory, user, superuserPassword }: Cluster,
  withoutSync: boolean,
): Promise<void> {
  const scratch = await freshScratch(dataDirectory, 'initdb');
  const passwordFile = join(scratch, 'password');
  const made = join(scratch, 'data');
  try {
    await mkdir(scratch, { mode: 0o700 });
    await writeFile(passwordFile, `${superuserPassword}\n`, { mode: 0o600 });
    for (const path of [scratch, passwordFile]) await giveTo(user, path);
    const { code, output } = await runProgram(
      binaries.initdb,
      [
        `--pgdata=${made}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The built-in provider sorts alike on every machine, whatever locales are installed.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        ...(withoutSync ? ['--no-sync'] : []),
      ],
      user,
    );
    if (code !== 0) {
      throw new EmbeddedPostgresError(
        'FAILED',
        `PostgreSQL could not make its data folder ${dataDirectory}: ${complaintIn(output)}.`,
        { cause: new Error(output) },
      );
    }
    await rename(made, dataDirectory);
  } catch (error) {
    // A race of two first starts: the other process has created the data folder.
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return;
    if (error instanceof EmbeddedPostgresError) throw error;
    throw new EmbeddedPostgresError(
      'NO_PERMISSION',
      `PostgreSQL's data folder ${dataDirectory} can't be made: ${codeOf(error) ?? error}.`,
      { cause: error },
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function giveTo(user: OsUser, path: string): Promise<void> {
  if (user.uid !== undefined && user.gid !== undefined) await chown(path, user.uid, user.gid);
}
