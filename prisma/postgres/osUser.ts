import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { codeOf, EmbeddedPostgresError } from './embeddedPostgresError';

const run = promisify(execFile);
const CREATED_USER = 'multistore-postgres';

/** The user that PostgreSQL's processes run as, as options of `spawn`. Empty for the current user. */
export interface OsUser {
  uid?: number;
  gid?: number;
}

/**
 * PostgreSQL refuses to run as root. For root, the first of these: the owner of the data folder, the system's user `postgres`, a system
 * user that this creates, `nobody`. For any other user: that user.
 * @throws EmbeddedPostgresError NO_PERMISSION when root has no other user.
 */
export async function chooseOsUser(dataDirectory: string, onProgress: (message: string) => void): Promise<OsUser> {
  if (process.getuid?.() !== 0) return {};
  const found = (await findOwner(dataDirectory)) ?? (await findUser('postgres')) ?? (await findUser(CREATED_USER));
  if (found) return found;
  if (await createUser()) {
    onProgress(`Created the system user ${CREATED_USER}, because PostgreSQL refuses to run as root`);
    const created = await findUser(CREATED_USER);
    if (created) return created;
  }
  const nobody = await findUser('nobody');
  if (nobody) return nobody;
  throw new EmbeddedPostgresError(
    'NO_PERMISSION',
    'PostgreSQL refuses to run as root and there is no other user on this machine: start as an ordinary user.',
  );
}

/** Whether the user may enter and read a folder, or read and execute a file, by its mode, ACLs and mount options. */
export async function canReach(user: OsUser, path: string): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', 'test -r "$1" && test -x "$1"', 'sh', path], { ...user, cwd: '/' });
    return true;
  } catch (error) {
    if (codeOf(error) === 1) return false;
    throw error;
  }
}

async function findOwner(path: string): Promise<OsUser | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return uid === 0 ? undefined : { uid, gid };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function findUser(name: string): Promise<OsUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch (error) {
    if (codeOf(error) === 1) return undefined;
    throw error;
  }
}

/** False where there is no useradd, or the user database is read-only, as in some containers. */
async function createUser(): Promise<boolean> {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', CREATED_USER]);
    return true;
  } catch {
    return false;
  }
}
