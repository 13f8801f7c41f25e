import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { FileInfo } from './fileStore';

/** Below this path the gateway hands on to this service what carries a signature of its own. */
export const MEDIA_PATH = '/media';

const EXPORT_SECONDS = 60 * 60;

export interface ImageAddress {
  tenantId: string;
  fileId: string;
  /** `<width>.<format>`, or `original.<format>`. */
  name: string;
}

export interface SignedUpload extends FileInfo {
  key: string;
}

/**
 * Addresses that prove themselves: whoever has one may use it, and nobody can make one up, or make one of another store's, of
 * another size, or for another file, from one that they have.
 */
export interface MediaUrls {
  /** Holds for as long as the image is there. */
  image(address: ImageAddress): string;
  isImage(address: ImageAddress, signature: string): boolean;
  /** Of a file that productsExport has written: holds for an hour. */
  exported(tenantId: string, fileId: string, format: 'CSV' | 'JSONL'): string;
  isExported(address: { tenantId: string; fileId: string; expires: string; name: string }, signature: string): boolean;
  signUpload(key: string, file: FileInfo, expiresAt: Date): string;
  /** Null when it is not signed, or its time is over. */
  verifyUpload(key: string, query: Record<string, unknown>): SignedUpload | null;
}

/**
 * @param publicUrl where clients reach the gateway. @param signingKey of a purpose of its own, see {@link mediaKey}.
 */
export function createMediaUrls(publicUrl: string, signingKey: string): MediaUrls {
  const base = publicUrl.replace(/\/+$/, '') + MEDIA_PATH;
  /** JSON of an array: no two different claims can be written the same way. */
  const sign = (...claims: (string | number)[]) =>
    createHmac('sha256', signingKey).update(JSON.stringify(claims)).digest('base64url');
  const isSigned = (signature: string, ...claims: (string | number)[]) => {
    const [given, expected] = [Buffer.from(signature), Buffer.from(sign(...claims))];
    return given.length === expected.length && timingSafeEqual(given, expected);
  };

  return {
    image: ({ tenantId, fileId, name }) =>
      `${base}/images/${sign('image', tenantId, fileId, name)}/${tenantId}/${fileId}/${name}`,
    isImage: ({ tenantId, fileId, name }, signature) => isSigned(signature, 'image', tenantId, fileId, name),
    exported: (tenantId, fileId, format) => {
      const [expires, name] = [`${Math.round(Date.now() / 1000) + EXPORT_SECONDS}`, `products.${format.toLowerCase()}`];
      const signature = sign('export', tenantId, fileId, expires, name);
      return `${base}/exports/${signature}/${tenantId}/${fileId}/${expires}/${name}`;
    },
    isExported: ({ tenantId, fileId, expires, name }, signature) =>
      isSigned(signature, 'export', tenantId, fileId, expires, name) && Number(expires) * 1000 > Date.now(),
    signUpload: (key, { contentType, byteSize }, expiresAt) => {
      const expires = Math.round(expiresAt.getTime() / 1000);
      const signature = sign('upload', key, contentType, byteSize, expires);
      const query = new URLSearchParams({ type: contentType, size: `${byteSize}`, expires: `${expires}`, signature });
      return `${base}/uploads/${key}?${query}`;
    },
    verifyUpload: (key, { type, size, expires, signature }) => {
      const [byteSize, until] = [Number(size), Number(expires)];
      if (typeof type !== 'string' || typeof signature !== 'string') return null;
      if (!isSigned(signature, 'upload', key, type, byteSize, until)) return null;
      return until * 1000 > Date.now() ? { key, contentType: type, byteSize } : null;
    },
  };
}

/** The key of media addresses: one of its own, or one that is derived from the callers', and useless for theirs. */
export const mediaKey = (own: string | undefined, callerSigningKey: string): string =>
  own ?? Buffer.from(hkdfSync('sha256', callerSigningKey, '', 'media addresses', 32)).toString('base64url');
