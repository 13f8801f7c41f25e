import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { codeOf, EmbeddedPostgresError } from './embeddedPostgresError';

const run = promisify(execFile);
const CREATED_USER = 'multistore-postgres';

/** Whom PostgreSQL's processes run as: `spawn` takes it as it is. Empty: as ourselves. */
export interface OsUser {
  uid?: number;
  gid?: number;
}

/**
 * PostgreSQL refuses to run as root. As root this is, in this order: the owner of the data folder, the system's
 * `postgres` user, a system user made for the purpose, `nobody`. Otherwise: ourselves.
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

/** Whether the user can pass into a folder and read it, or read and run a file, whatever the reason: modes, ACLs, mounts. */
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

/** False where the system has no useradd, or its user database can't be written, as in a read-only container. */
async function createUser(): Promise<boolean> {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', CREATED_USER]);
    return true;
  } catch {
    return false;
  }
}
