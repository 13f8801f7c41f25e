import { createHash } from 'node:crypto';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, EmbeddedPostgresError } from './embeddedPostgresError';
import { canReach, type OsUser } from './osUser';

/** For root, whose checkout other users can't enter: the programs and the data of PostgreSQL, which runs as another user. */
export const OUTSIDE_ROOT = '/var/lib/multistore-supergraph';

/**
 * The data folder to use: the wanted one, or one below OUTSIDE_ROOT, named by a hash of the wanted path, when PostgreSQL's user can't
 * enter the wanted one's parent. Existing data stays where it is. The parent of the result exists.
 * @throws EmbeddedPostgresError NO_PERMISSION when there is data where PostgreSQL's user can't read it.
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
    // Another user has to enter it, whatever our umask is; the data folder itself is private.
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
