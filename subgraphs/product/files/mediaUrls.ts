import { deriveKeys, isSignedWith, type KeyRing, type Secret, secretsOf, signWith } from '../../shared/hmac';
import type { FileInfo } from './fileStore';

/** The gateway forwards requests below this path to this service. They need no token, since their addresses are signed. */
export const MEDIA_PATH = '/media';

const EXPORT_SECONDS = 60 * 60;

export interface ImageAddress {
  tenantId: string;
  fileId: string;
  /** `<width>.<format>`, or `original.<format>`. */
  name: string;
}

interface SignedUpload extends FileInfo {
  key: string;
}

/**
 * Signed addresses: anyone who has one may use it. Without the key nobody can make one, or change its store, file or size.
 */
export interface MediaUrls {
  /** Valid until the image is removed. */
  image(address: ImageAddress): string;
  isImage(address: ImageAddress, signature: string): boolean;
  /** The address of a file that productsExport has written; valid for an hour. */
  exported(tenantId: string, fileId: string, format: 'CSV' | 'JSONL'): string;
  isExported(address: { tenantId: string; fileId: string; expires: string; name: string }, signature: string): boolean;
  signUpload(key: string, file: FileInfo, expiresAt: Date): string;
  /** Null when the signature is missing, wrong or expired. */
  verifyUpload(key: string, query: Record<string, unknown>): SignedUpload | null;
}

/** @param publicUrl where clients reach the gateway. @param keys see {@link mediaKeys}. */
export function createMediaUrls(publicUrl: string, keys: KeyRing): MediaUrls {
  const base = publicUrl.replace(/\/+$/, '') + MEDIA_PATH;
  const signatureOf = (...claims: (string | number)[]) => signWith(keys, JSON.stringify(claims));
  const proves = (signature: string, ...claims: (string | number)[]) =>
    isSignedWith(keys, JSON.stringify(claims), signature);

  return {
    image: ({ tenantId, fileId, name }) =>
      `${base}/images/${signatureOf('image', tenantId, fileId, name)}/${tenantId}/${fileId}/${name}`,
    isImage: ({ tenantId, fileId, name }, signature) => proves(signature, 'image', tenantId, fileId, name),
    exported: (tenantId, fileId, format) => {
      const expires = `${Math.round(Date.now() / 1000) + EXPORT_SECONDS}`;
      const name = `products.${format.toLowerCase()}`;
      const signature = signatureOf('export', tenantId, fileId, expires, name);
      return `${base}/exports/${signature}/${tenantId}/${fileId}/${expires}/${name}`;
    },
    isExported: ({ tenantId, fileId, expires, name }, signature) =>
      proves(signature, 'export', tenantId, fileId, expires, name) && Number(expires) * 1000 > Date.now(),
    signUpload: (key, { contentType, byteSize }, expiresAt) => {
      const expires = Math.round(expiresAt.getTime() / 1000);
      const signature = signatureOf('upload', key, contentType, byteSize, expires);
      const query = new URLSearchParams({ type: contentType, size: `${byteSize}`, expires: `${expires}`, signature });
      return `${base}/uploads/${key}?${query}`;
    },
    verifyUpload: (key, { type, size, expires, signature }) => {
      const byteSize = Number(size);
      const until = Number(expires);
      if (typeof type !== 'string' || typeof signature !== 'string') return null;
      if (!proves(signature, 'upload', key, type, byteSize, until)) return null;
      return until * 1000 > Date.now() ? { key, contentType: type, byteSize } : null;
    },
  };
}

/**
 * The keys of media addresses: MEDIA_SIGNING_KEY, or else derived from the secret of callers. Those derived are accepted beside a key of its own,
 * so that addresses which are in use outlive its introduction.
 */
export function mediaKeys(own: Secret | undefined, callers: Secret): KeyRing {
  const [first, ...others] = [...(own ? secretsOf(own) : []).map((key) => Buffer.from(key)), ...derivedKeys(callers)];
  if (!first) throw new Error('No key for media addresses');
  return [first, ...others];
}

/** As text, as a key of its own is: addresses that were made before are signed so. */
const derivedKeys = (callers: Secret) =>
  deriveKeys(callers, 'media addresses').map((key) => Buffer.from(key.toString('base64url')));
