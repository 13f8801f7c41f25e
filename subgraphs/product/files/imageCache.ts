import { CACHE_FOLDER, type FileInfo, type FileStore, type ListedFile } from './fileStore';

/** The cache's size is measured again after this share of the limit has been written. */
const MEASURED_AFTER = 1 / 16;
/** A trim removes files until this share of the limit is left. */
const TRIMMED_TO = 7 / 8;

/** Resized images in the file store, limited in bytes. Each can be recreated from its original. */
export interface ImageCache {
  put(key: string, bytes: Buffer, contentType: FileInfo['contentType']): Promise<void>;
  /** Removes the oldest images when the cache exceeds its limit. `put` calls it from time to time. */
  trim(): Promise<void>;
}

export function createImageCache(store: FileStore, maxBytes: number): ImageCache {
  // How much earlier processes have written is unknown, so the first image triggers a measurement.
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
