import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from '../../subgraphs/shared/log';

export const SUPERGRAPH_FILE = join(__dirname, '..', 'supergraph.graphql');

/** Debounce: saving a file causes several file system events. */
const SETTLE_MS = 100;

/** The composed and committed supergraph: the gateway starts from the file, also while subgraphs are down. @throws when it is missing. */
export function readSupergraph(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error(`${basename(file)} is missing: run "npm run compose".`) : error;
  });
}

/**
 * Gives each new text of the file to `use`; where that fails, the failure is logged, and the supergraph in use stays. Watches the folder,
 * because editors and compose.ts replace the file by a new one.
 */
export function followSupergraph(file: string, use: (supergraphSdl: string) => Promise<void>, log: Logger): FSWatcher {
  let timer: NodeJS.Timeout | undefined;
  const changed = async () => {
    try {
      await use(await readFile(file, 'utf8'));
    } catch (error) {
      log.error({ err: error }, 'the changed supergraph is not usable; the previous one stays');
    }
  };
  const watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
    if (name !== basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void changed(), SETTLE_MS);
  });
  watcher.on('close', () => clearTimeout(timer));
  return watcher;
}
