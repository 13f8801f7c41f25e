import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries';
import { codeOf, EmbeddedPostgresError } from './embeddedPostgresError';
import type { OsUser } from './osUser';
import { alreadyRunning, forgetLauncher, LAUNCHER_SETTING, readPostmaster } from './postmaster';
import { complaintIn, PROGRAM_ENV } from './runProgram';

/** How long a start, which may have to recover, may write nothing to its log: by default it says every 10 s how far it is. */
const SILENCE_MS = 120_000;
const OLD_MEMORY_MS = 10_000;
const FAST_SHUTDOWN_MS = 30_000;

/** How the server's main process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running server. */
export interface Launched {
  pid: number;
  exited: Promise<Exit>;
  stop(): Promise<void>;
}

interface Launch {
  binaries: Binaries;
  dataDirectory: string;
  logFile: string;
  user: OsUser;
  port: number;
  settings: Record<string, string>;
}

/**
 * Starts the server on 127.0.0.1 and waits until it accepts connections.
 * @throws EmbeddedPostgresError PORT_IN_USE, ALREADY_RUNNING, NO_PERMISSION or DATA_UNUSABLE, by the message in its log.
 */
export async function launch(how: Launch): Promise<Launched> {
  const giveUp = Date.now() + OLD_MEMORY_MS;
  for (;;) {
    try {
      return await launchOnce(how);
    } catch (error) {
      // After a kill -9 of the main process, the others need a moment to notice it, and hold the shared memory until then.
      if (!(error instanceof OldMemoryInUse) || Date.now() > giveUp) throw error;
      await sleep(100);
    }
  }
}

class OldMemoryInUse extends EmbeddedPostgresError {}

async function launchOnce({ binaries, dataDirectory, logFile, user, port, settings }: Launch): Promise<Launched> {
  const allSettings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    [LAUNCHER_SETTING]: String(process.pid),
    ...settings,
  };
  const args = Object.entries(allSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  await forgetLauncher(dataDirectory);
  const log = await openLog(logFile, user);
  // Its own log file and process group: it survives the end of this process unharmed, and does not get the terminal's Ctrl-C.
  const child = spawn(binaries.postgres, ['-D', dataDirectory, ...args], {
    ...user,
    cwd: '/',
    env: PROGRAM_ENV,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const { started, exited } = watch(child);
  try {
    await started;
  } finally {
    await log.close();
  }
  const server = { pid: child.pid ?? 0, exited, stop: () => stop(child, exited) };
  stopWithThisProcess(server, dataDirectory, user);
  if (await isReady(dataDirectory, logFile, server)) return server;
  throw explain(await readFile(logFile, 'utf8'), { dataDirectory, logFile, port });
}

/** Truncated: it has the messages of one run. */
async function openLog(logFile: string, user: OsUser): Promise<FileHandle> {
  try {
    const log = await open(logFile, 'a', 0o600);
    await log.truncate();
    if (user.uid !== undefined && user.gid !== undefined) await log.chown(user.uid, user.gid);
    return log;
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'NO_PERMISSION',
      `PostgreSQL's log ${logFile} can't be written: ${codeOf(cause) ?? cause}.`,
      { cause },
    );
  }
}

function watch(child: ChildProcess) {
  const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      const reason = codeOf(cause) === 'ENOENT' ? 'it needs glibc, which this system lacks' : cause.message;
      reject(
        new EmbeddedPostgresError('UNSUPPORTED_PLATFORM', `PostgreSQL's program can't be run: ${reason}.`, { cause }),
      );
    });
  });
  const interrupt = () => child.kill('SIGINT');
  process.once('exit', interrupt);
  void exited.then(() => process.off('exit', interrupt));
  return { started, exited };
}

/**
 * The end of this process by SIGKILL runs no code in it, but it closes the pipe that is the input of a waiting shell, which then stops the
 * server. There is no such shell on Windows: there the next start finds the server and stops it.
 */
function stopWithThisProcess({ pid, exited }: Launched, dataDirectory: string, user: OsUser): void {
  if (process.platform === 'win32') return;
  // Never another process that has got the server's id later: the server writes its id to this file, and removes it at its end.
  const script = 'read -r _; [ "$(head -n 1 "$2/postmaster.pid")" = "$1" ] && kill -INT "$1"';
  // A group of its own: whoever kills this process's group does not reach it.
  const shell = spawn('/bin/sh', ['-c', script, 'sh', String(pid), dataDirectory], {
    ...user,
    cwd: '/',
    env: PROGRAM_ENV,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', (error) => console.warn(`PostgreSQL will outlive a kill -9 of this process: ${error.message}`));
  // Neither keeps this process from ending.
  shell.unref();
  (shell.stdin as Socket | null)?.unref();
  void exited.then(() => shell.kill('SIGKILL'));
}

/** @returns false when the server has ended instead. */
async function isReady(dataDirectory: string, logFile: string, server: Launched): Promise<boolean> {
  let logged = 0;
  let deadline = Date.now() + SILENCE_MS;
  for (;;) {
    if (await Promise.race([server.exited.then(() => true), sleep(15, false)])) return false;
    const postmaster = await readPostmaster(dataDirectory);
    if (postmaster?.pid === server.pid && postmaster.ready) return true;
    const { size } = await stat(logFile);
    if (size > logged) {
      logged = size;
      deadline = Date.now() + SILENCE_MS;
    }
    if (Date.now() > deadline) {
      await server.stop();
      throw new EmbeddedPostgresError(
        'FAILED',
        `PostgreSQL is not ready, and has logged nothing for ${SILENCE_MS / 1000} seconds (its log: ${logFile}).`,
      );
    }
  }
}

/** PostgreSQL's fast shutdown; its immediate shutdown, after which the next start has to recover, when that takes too long. */
async function stop(child: ChildProcess, exited: Promise<Exit>): Promise<void> {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), FAST_SHUTDOWN_MS);
  await exited;
  clearTimeout(timer);
}

function explain(log: string, at: { dataDirectory: string; logFile: string; port: number }): EmbeddedPostgresError {
  const because = { cause: new Error(log) };
  if (/could not bind .*: Address already in use/.test(log)) {
    return new EmbeddedPostgresError(
      'PORT_IN_USE',
      `PostgreSQL can't listen on 127.0.0.1:${at.port}: another program uses that port.`,
      because,
    );
  }
  if (/could not bind .*: Permission denied/.test(log)) {
    return new EmbeddedPostgresError(
      'NO_PERMISSION',
      `PostgreSQL may not listen on port ${at.port}: take one above 1023.`,
      because,
    );
  }
  if (log.includes('lock file "postmaster.pid" already exists')) return alreadyRunning(at.dataDirectory);
  const Kind = log.includes('pre-existing shared memory block') ? OldMemoryInUse : EmbeddedPostgresError;
  return new Kind(
    'DATA_UNUSABLE',
    `PostgreSQL does not start with the data folder ${at.dataDirectory}: ${complaintIn(log)} (its log: ${at.logFile}).`,
    because,
  );
}
