import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, EmbeddedPostgresError } from './embeddedPostgresError';
import { findProcess, waitForEnd } from './processes';

const FAST_SHUTDOWN_MS = 30_000;

/** A setting that means nothing to PostgreSQL and that it notes in postmaster.opts: who started it. */
export const LAUNCHER_SETTING = 'launcher.pid';

/** The main process of the server on a data folder, by its postmaster.pid; undefined when there is no such file. */
export async function readPostmaster(dataDirectory: string): Promise<{ pid: number; ready: boolean } | undefined> {
  const lines = (await readIfThere(join(dataDirectory, 'postmaster.pid')))?.split('\n');
  const pid = Number(lines?.[0]);
  return lines && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}

/**
 * Clears the way for a new server on a data folder: stops the server of a launcher that was killed (it was started by
 * this code and its launcher is not its parent any more), and marks a postmaster.pid as stale whose process id means
 * something else by now.
 * @throws EmbeddedPostgresError ALREADY_RUNNING when the server there is in use, or not ours.
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

/** Before a start: the note of an earlier server must not speak for the next one. */
export const forgetLauncher = (dataDirectory: string): Promise<void> =>
  rm(join(dataDirectory, 'postmaster.opts'), { force: true });

/** One sentence that names the process on the data folder and, when known, who started it. */
export const alreadyRunning = (dataDirectory: string, pid?: number, launcher?: number): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'ALREADY_RUNNING',
    `A PostgreSQL${pid ? ` (process ${pid}${launcher ? `, started by process ${launcher}` : ''})` : ''} is already ` +
      `running on ${dataDirectory}: stop it first.`,
  );

/**
 * PostgreSQL takes the file for stale when no process has its id, but also when it is that of its parent: us. So another
 * process that got the id since, or a killed one that nobody reaps (as in a container without init), is no obstacle. The
 * rest of the file stays: by it PostgreSQL sees whether any process of the old server still lives.
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
