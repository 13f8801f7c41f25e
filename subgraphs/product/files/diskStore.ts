import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type FileInfo, type FileStore, joinKey, type ListedFile, WrongSize } from './fileStore';
import type { MediaUrls } from './mediaUrls';

/** The folder of files that are being written: a complete one is renamed to its own path, which is atomic. */
const UNFINISHED = 'unfinished';
/** No write takes this long, so an older unfinished file was left by a killed process. */
const LEFTOVER_AFTER_MS = 60 * 60 * 1000;

/** Stores files below `root`, for one machine or several that share a disk. The first write creates the folder. */
export function createDiskStore(root: string, urls: MediaUrls): FileStore {
  const pathOf = (key: string) => join(root, joinKey(...key.split('/')));
  let leftoversGone: Promise<void> | undefined;

  async function put(key: string, body: Buffer | Readable, { byteSize }: FileInfo): Promise<void> {
    leftoversGone ??= removeLeftovers(join(root, UNFINISHED));
    await leftoversGone;
    const unfinished = join(root, UNFINISHED, randomUUID());
    await mkdir(dirname(unfinished), { recursive: true });
    try {
      await pipeline(Readable.from(body, { objectMode: false }), ofSize(byteSize), createWriteStream(unfinished));
      await mkdir(dirname(pathOf(key)), { recursive: true });
      await rename(unfinished, pathOf(key));
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  async function* list(prefix: string): AsyncGenerator<ListedFile> {
    const folder = pathOf(prefix.replace(/\/$/, ''));
    for (const entry of await unlessMissing(readdir(folder, { recursive: true, withFileTypes: true }), [])) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const found = await unlessMissing(stat(path), null);
      const key = path
        .slice(root.length + 1)
        .split(sep)
        .join('/');
      if (found) yield { key, byteSize: found.size, storedAt: found.mtime };
    }
  }

  return {
    put,
    list,
    async open(key) {
      const handle = await unlessMissing(open(pathOf(key)), null);
      if (!handle) return null;
      const { size } = await handle.stat();
      return { body: createReadStream('', { fd: handle }), byteSize: size };
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    async removeAll(prefix) {
      let count = 0;
      for await (const _file of list(prefix)) count += 1;
      await rm(pathOf(prefix.replace(/\/$/, '')), { recursive: true, force: true });
      return count;
    },
    async uploadTarget(key, file, expiresAt) {
      const headers = [{ name: 'content-type', value: file.contentType }];
      return { url: urls.signUpload(key, file, expiresAt), method: 'PUT', headers };
    },
  };
}

function ofSize(expected: number): Transform {
  let size = 0;
  const fault = () => new WrongSize(`not the ${expected} bytes that were announced`);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      done(size > expected ? fault() : null, chunk);
    },
    flush: (done) => done(size === expected ? null : fault()),
  });
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await unlessMissing(readdir(folder), [])) {
    const found = await unlessMissing(stat(join(folder, name)), null);
    if (found && Date.now() - found.mtimeMs > LEFTOVER_AFTER_MS) await rm(join(folder, name), { force: true });
  }
}

async function unlessMissing<Result, Fallback>(work: Promise<Result>, fallback: Fallback): Promise<Result | Fallback> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fallback;
    throw error;
  }
}
