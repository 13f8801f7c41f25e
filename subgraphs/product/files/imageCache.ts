import { CACHE_FOLDER, type FileInfo, type FileStore, type ListedFile } from './fileStore';

/** After how much of the limit has been written the cache is measured again. */
const MEASURED_AFTER = 1 / 16;
/** What is left of the limit by a trim. */
const TRIMMED_TO = 7 / 8;

/** Resized images in the file store, up to a number of bytes. Any of them can be made again. */
export interface ImageCache {
  put(key: string, bytes: Buffer, contentType: FileInfo['contentType']): Promise<void>;
  /** Removes the oldest ones once the limit is passed. `put` does so now and then. */
  trim(): Promise<void>;
}

export function createImageCache(store: FileStore, maxBytes: number): ImageCache {
  // What earlier processes have written is unknown: the first image has the cache measured.
  let written = Number.POSITIVE_INFINITY;
  let trimming: Promise<void> | null = null;

  const trim = async () => {
    written = 0;
    const files: ListedFile[] = [];
    for await (const file of store.list(CACHE_FOLDER)) files.push(file);
    let total = files.reduce((sum, { byteSize }) => sum + byteSize, 0);
    if (total <= maxBytes) return;
    files.sort((one, other) => one.storedAt.getTime() - other.storedAt.getTime());
    for (const { key, byteSize } of files) {
      if (total <= maxBytes * TRIMMED_TO) return;
      await store.remove(key);
      total -= byteSize;
    }
  };
  const trimOnce = () => {
    trimming ??= trim().finally(() => {
      trimming = null;
    });
    return trimming;
  };

  return {
    trim: trimOnce,
    async put(key, bytes, contentType) {
      await store.put(key, bytes, { contentType, byteSize: bytes.length });
      written += bytes.length;
      if (written > maxBytes * MEASURED_AFTER) await trimOnce();
    },
  };
}
