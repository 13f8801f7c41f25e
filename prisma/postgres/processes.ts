import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { codeOf } from './embeddedPostgresError';

const run = promisify(execFile);

/** Whether a process with this id exists, of whatever user; a zombie does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EPERM') return true;
    if (codeOf(error) === 'ESRCH') return false;
    throw error;
  }
}

/** @returns whether the process has ended within the time. */
export async function waitForEnd(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (await findProcess(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/** The command line and the parent of a process; undefined when it has ended, also for a zombie. */
export async function findProcess(pid: number): Promise<{ command: string; parent: number } | undefined> {
  const found = process.platform === 'linux' ? await readProc(pid) : await askPs(pid);
  return found?.command ? found : undefined;
}

// Slim container images have no ps.
async function readProc(pid: number) {
  try {
    const [command, status] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    return { command: command.replaceAll('\0', ' ').trim(), parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}

async function askPs(pid: number) {
  try {
    const { stdout } = await run('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)]);
    const [, parent, command] = /^\s*(\d+)\s+(.*)$/m.exec(stdout) ?? [];
    return { command: command ?? '', parent: Number(parent) };
  } catch (error) {
    if (codeOf(error) === 1) return undefined;
    throw error;
  }
}

/** How much processor time a process has used, in words that change when it grows; empty when it has ended. */
export async function processorTimeOf(pid: number): Promise<string> {
  try {
    if (process.platform !== 'linux') return (await run('ps', ['-o', 'time=', '-p', String(pid)])).stdout.trim();
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in brackets, may have spaces in it.
    const [, userTicks, systemTicks] = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(stat) ?? [];
    return `${userTicks} ${systemTicks}`;
  } catch (error) {
    if ([1, 'ENOENT', 'ESRCH'].some((code) => code === codeOf(error))) return '';
    throw error;
  }
}
