import { createHash } from 'node:crypto';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, EmbeddedPostgresError } from './embeddedPostgresError';
import { canReach, type OsUser } from './osUser';

/** Where root keeps what its checkout is too closed for: programs and data of PostgreSQL, which runs as another user. */
export const OUTSIDE_ROOT = '/var/lib/multistore-supergraph';

/**
 * The data folder that is really used: the wanted one, or, when PostgreSQL's user can't enter the folder around it, one
 * outside that belongs to the wanted one's path. Data stays where it was first put. The folder around it exists then.
 * @throws EmbeddedPostgresError NO_PERMISSION when data lies where its user can't reach it.
 */
export async function placeDataDirectory(wanted: string, user: OsUser): Promise<string> {
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  const outside = join(OUTSIDE_ROOT, hash, basename(wanted));
  if (user.uid !== undefined && (await isFolder(outside)) && !(await isFolder(wanted))) return outside;

  await makeFolder(dirname(wanted), user);
  if (await canReach(user, dirname(wanted))) return wanted;
  if (user.uid === undefined || (await isFolder(wanted))) {
    throw new EmbeddedPostgresError(
      'NO_PERMISSION',
      `PostgreSQL's data folder ${wanted} lies in a folder that its user can't enter: open that folder to it.`,
    );
  }
  await makeFolder(dirname(outside), user);
  return outside;
}

async function makeFolder(path: string, user: OsUser): Promise<void> {
  try {
    const first = await mkdir(path, { recursive: true });
    if (user.uid === undefined || first === undefined) return;
    // Another user passes through, whatever our umask; the data folder itself is closed.
    for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
  } catch (error) {
    throw new EmbeddedPostgresError('NO_PERMISSION', `The folder ${path} can't be made: ${codeOf(error)}.`, {
      cause: error,
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EACCES') return false;
    throw error;
  }
}
