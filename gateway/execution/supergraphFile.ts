import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { SupergraphManager } from '@apollo/gateway';
import type { Logger } from '../../subgraphs/shared/log';

export const SUPERGRAPH_FILE = join(__dirname, '..', 'supergraph.graphql');

/** Debounce: saving a file causes several file system events. */
const SETTLE_MS = 100;

/**
 * Loads the committed supergraph from its file, so that the gateway can start while subgraphs are down. With `follow`, changes of the file
 * are loaded at run time; an invalid supergraph is logged, and the current one stays.
 */
export function supergraphFromFile(file: string, follow: boolean, log: Logger): SupergraphManager {
  return {
    async initialize({ update }) {
      const supergraphSdl = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? new Error(`${basename(file)} is missing: run "npm run compose".`) : error;
      });
      if (!follow) return { supergraphSdl };

      const watcher = watchFile(file, async () => {
        try {
          update(await readFile(file, 'utf8'));
        } catch (error) {
          log.error({ err: error }, 'the changed supergraph is not usable; the previous one stays');
        }
      });
      return { supergraphSdl, cleanup: async () => watcher.close() };
    },
  };
}

/** Watches the folder, because editors and compose.ts replace the file by a new one. */
function watchFile(file: string, onChange: () => void): FSWatcher {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
    if (name !== basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, SETTLE_MS);
  });
  watcher.on('close', () => clearTimeout(timer));
  return watcher;
}
