import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive } from './processes';

/**
 * A path for building something that is then moved to `target` by an atomic rename, so that an interrupted run leaves nothing incomplete
 * there. It is a sibling of `target`, named by purpose and process id; those of processes that have ended are removed first.
 */
export async function freshScratch(target: string, purpose: string): Promise<string> {
  const prefix = `${basename(target)}.${purpose}-`;
  for (const name of await readdir(dirname(target))) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0;
    if (pid > 0 && (pid === process.pid || !isAlive(pid))) {
      await rm(join(dirname(target), name), { recursive: true, force: true });
    }
  }
  return join(dirname(target), `${prefix}${process.pid}`);
}
