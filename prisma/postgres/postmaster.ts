import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, EmbeddedPostgresError } from './embeddedPostgresError';
import { findProcess, waitForEnd } from './processes';

const FAST_SHUTDOWN_MS = 30_000;

/** A custom setting, the process id of who started the server: PostgreSQL ignores it, and writes it to postmaster.opts. */
export const LAUNCHER_SETTING = 'launcher.pid';

/** The main process of the server on a data folder, by its postmaster.pid; undefined when there is no such file. */
export async function readPostmaster(dataDirectory: string): Promise<{ pid: number; ready: boolean } | undefined> {
  const lines = (await readIfThere(join(dataDirectory, 'postmaster.pid')))?.split('\n');
  const pid = Number(lines?.[0]);
  return lines && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}

/**
 * Prepares a data folder for a new server. It stops an orphaned server (this code started it, and its launcher is not its parent any
 * more), and marks a postmaster.pid as stale whose process id has been reused.
 * @throws EmbeddedPostgresError ALREADY_RUNNING when the server there is in use, or is not ours.
 */
export async function clearPostmaster(dataDirectory: string, onProgress: (message: string) => void): Promise<void> {
  const postmaster = await readPostmaster(dataDirectory);
  if (!postmaster) return;
  const running = await findProcess(postmaster.pid);
  if (!running?.command.includes(dataDirectory)) return markStale(dataDirectory);

  const launcher = await readLauncher(dataDirectory);
  if (launcher === undefined || launcher === running.parent)
    throw alreadyRunning(dataDirectory, postmaster.pid, launcher);

  onProgress(`Stopping the PostgreSQL that a killed run left behind (process ${postmaster.pid})`);
  signal(postmaster.pid, 'SIGINT');
  if (await waitForEnd(postmaster.pid, FAST_SHUTDOWN_MS)) return;
  signal(postmaster.pid, 'SIGQUIT');
  if (await waitForEnd(postmaster.pid, FAST_SHUTDOWN_MS)) return;
  throw alreadyRunning(dataDirectory, postmaster.pid, launcher);
}

/** Before a start: an earlier server's launcher must not be taken for that of the next one. */
export const forgetLauncher = (dataDirectory: string): Promise<void> =>
  rm(join(dataDirectory, 'postmaster.opts'), { force: true });

/** The message names the server's process and, when it is known, the process that started it. */
export const alreadyRunning = (dataDirectory: string, pid?: number, launcher?: number): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'ALREADY_RUNNING',
    `A PostgreSQL${pid ? ` (process ${pid}${launcher ? `, started by process ${launcher}` : ''})` : ''} is already ` +
      `running on ${dataDirectory}: stop it first.`,
  );

/**
 * PostgreSQL regards the file as stale when no process has the id in it, and also when it is the id of its own parent: this process. So
 * a process that has reused the id, or a zombie (in a container without init), is no obstacle. The rest of the file is kept: PostgreSQL
 * checks by it whether a process of the old server is still alive.
 */
async function markStale(dataDirectory: string): Promise<void> {
  const file = join(dataDirectory, 'postmaster.pid');
  const content = await readIfThere(file);
  if (content !== undefined) await writeFile(file, content.replace(/^\d+/, String(process.pid)));
}

async function readLauncher(dataDirectory: string): Promise<number | undefined> {
  const options = await readIfThere(join(dataDirectory, 'postmaster.opts'));
  const pid = options && new RegExp(`${LAUNCHER_SETTING}=(\\d+)`).exec(options)?.[1];
  return pid ? Number(pid) : undefined;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return;
    throw new EmbeddedPostgresError(
      'NO_PERMISSION',
      `PostgreSQL (process ${pid}) belongs to another user: stop it there.`,
      {
        cause: error,
      },
    );
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
