import { Readable } from 'node:stream';
import { type FileStore, imageKey, readWhole, resizedKey } from './fileStore';
import { CONTENT_TYPES, type ImageFormat, resizeImage } from './imageBytes';
import type { ImageCache } from './imageCache';
import type { ImageAddress } from './mediaUrls';
import type { WorkLimit } from './workLimit';

interface ServedImage {
  body: Readable;
  byteSize: number;
  contentType: string;
}

/** The image at an address; null when it was removed. @throws Busy */
export type FindImage = (address: ImageAddress) => Promise<ServedImage | null>;

const NAME = /^(original|full|[1-9]\d{0,4})\.(jpeg|png|webp)$/;

/** An image's name in its address: `original.png` as stored, `full.webp` in full size but another format, `640.webp` by width. */
export function imageName(width: number | null, format: ImageFormat, storedAs: ImageFormat): string {
  if (width !== null) return `${width}.${format}`;
  return format === storedAs ? `original.${format}` : `full.${format}`;
}

/** Every stored image is smaller, since it has at most 40 million pixels. */
const MAX_BYTES = 200 * 1024 * 1024;

/**
 * Finds stored images, or resizes them as their address says and caches the result. Call it with verified addresses only:
 * otherwise a client could fill the cache. Concurrent requests for one address share the work (single-flight).
 */
export function createServedImages(store: FileStore, cache: ImageCache, limit: WorkLimit): FindImage {
  const inFlight = new Map<string, Promise<Buffer | null>>();

  async function resize({ tenantId, fileId, name }: ImageAddress, width: number | undefined, format: ImageFormat) {
    const original = await store.open(imageKey(tenantId, fileId));
    if (!original) return null;
    const bytes = await readWhole(original.body, MAX_BYTES);
    const resized = await resizeImage(bytes, width, format);
    await cache.put(resizedKey(tenantId, fileId, name), resized, CONTENT_TYPES[format]);
    return resized;
  }

  return async (address) => {
    const { tenantId, fileId, name } = address;
    const [, size = '', format = ''] = NAME.exec(name) ?? [];
    if (!isFormat(format)) return null;
    const contentType = CONTENT_TYPES[format];
    const key = size === 'original' ? imageKey(tenantId, fileId) : resizedKey(tenantId, fileId, name);
    const stored = await store.open(key);
    if (stored || size === 'original') return stored && { ...stored, contentType };

    const width = size === 'full' ? undefined : Number(size);
    const resizing =
      inFlight.get(key) ?? limit(() => resize(address, width, format)).finally(() => inFlight.delete(key));
    inFlight.set(key, resizing);
    const bytes = await resizing;
    return bytes && { body: Readable.from(bytes, { objectMode: false }), byteSize: bytes.length, contentType };
  };
}

const isFormat = (name: string): name is ImageFormat => Object.hasOwn(CONTENT_TYPES, name);
