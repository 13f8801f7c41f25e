import { Readable } from 'node:stream';
import { type FileStore, imageKey, readWhole, resizedKey } from './fileStore';
import { CONTENT_TYPES, type ImageFormat, resizeImage } from './imageBytes';
import type { ImageCache } from './imageCache';
import type { ImageAddress } from './mediaUrls';
import type { WorkLimit } from './workLimit';

export interface ServedImage {
  body: Readable;
  byteSize: number;
  contentType: string;
}

/** What an address shows; null when there is no such image any more. @throws Busy */
export type FindImage = (address: ImageAddress) => Promise<ServedImage | null>;

const NAME = /^(original|full|[1-9]\d{0,4})\.(jpeg|png|webp)$/;

/** The name of an image in its address: `original.png` as it is kept, `full.webp` as large but of another format, `640.webp`. */
export function imageName(width: number | null, format: ImageFormat, keptAs: ImageFormat): string {
  if (width !== null) return `${width}.${format}`;
  return format === keptAs ? `original.${format}` : `full.${format}`;
}

/** An image that was checked can hardly be longer than this. */
const MAX_BYTES = 200 * 1024 * 1024;

/**
 * Images as they are kept, or made in the size and the format that their address names, once. The address must have been
 * verified: what is made here is kept.
 */
export function createServedImages(store: FileStore, cache: ImageCache, limit: WorkLimit): FindImage {
  const underWay = new Map<string, Promise<Buffer | null>>();

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
    const kept = await store.open(key);
    if (kept || size === 'original') return kept && { ...kept, contentType };

    const width = size === 'full' ? undefined : Number(size);
    const making = underWay.get(key) ?? limit(() => resize(address, width, format)).finally(() => underWay.delete(key));
    underWay.set(key, making);
    const bytes = await making;
    return bytes && { body: Readable.from(bytes, { objectMode: false }), byteSize: bytes.length, contentType };
  };
}

const isFormat = (name: string): name is ImageFormat => Object.hasOwn(CONTENT_TYPES, name);
