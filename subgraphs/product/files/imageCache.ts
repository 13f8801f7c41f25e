import { CACHE_FOLDER, type FileInfo, type FileStore, type ListedFile } from './fileStore';

/** How much of the bound may be written before it is looked at again, and how much is left when it was passed. */
const LOOKED_AT_AFTER = 1 / 16;
const LEFT = 7 / 8;

/** Resized images, kept on the store up to a number of bytes. Any of them can be made again. */
export interface ImageCache {
  put(key: string, bytes: Buffer, contentType: FileInfo['contentType']): Promise<void>;
  /** Removes the oldest until what is left is well within the bound. Done by `put`, now and then. */
  trim(): Promise<void>;
}

export function createImageCache(store: FileStore, maxBytes: number): ImageCache {
  // What other runs of this service have left is unknown: it is counted with the first image.
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
      if (total <= maxBytes * LEFT) return;
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
      if (written > maxBytes * LOOKED_AT_AFTER) await trimOnce();
    },
  };
}
