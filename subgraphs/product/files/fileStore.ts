import type { Readable } from 'node:stream';

/** The longest file that a client may upload: a product import's. */
export const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;

export interface FileInfo {
  contentType: string;
  byteSize: number;
}

/** The signed request by which a client uploads a file. */
interface UploadTarget {
  url: string;
  method: 'PUT';
  headers: { name: string; value: string }[];
}

export interface ListedFile {
  key: string;
  byteSize: number;
  storedAt: Date;
}

/** The upload's length is not the announced one. */
export class WrongSize extends Error {}

/**
 * Files by key, outside the database: on disk or in an S3-compatible store. The functions below make the keys; each key contains the
 * tenant's id.
 */
export interface FileStore {
  /** Atomic: replaces an existing file completely, or changes nothing. @throws WrongSize */
  put(key: string, body: Buffer | Readable, file: FileInfo): Promise<void>;
  /** Null when there is no such file. The caller has to read the body to its end or destroy it. */
  open(key: string): Promise<{ body: Readable; byteSize: number } | null>;
  remove(key: string): Promise<void>;
  /** @param prefix ends with a slash. @returns how many files were removed. */
  removeAll(prefix: string): Promise<number>;
  list(prefix: string): AsyncIterable<ListedFile>;
  /** A signed request that may upload one file of this type and length to `key` until it expires. */
  uploadTarget(key: string, file: FileInfo, expiresAt: Date): Promise<UploadTarget>;
}

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** @throws Error for a segment that could lead out of its folder (path traversal). */
export function joinKey(...segments: string[]): string {
  if (!segments.every((segment) => SEGMENT.test(segment))) throw new Error('This can be no part of a file’s key');
  return segments.join('/');
}

/** The folder of an uploaded file, and of the image or export that is served under the same id. */
export const fileFolder = (tenantId: string, fileId: string) => `${joinKey('files', tenantId, fileId)}/`;
/** An upload as the client sent it, not validated yet. */
export const uploadKey = (tenantId: string, fileId: string) => joinKey('files', tenantId, fileId, 'upload');
/** An image as it is served: validated and re-encoded from its pixels. */
export const imageKey = (tenantId: string, fileId: string) => joinKey('files', tenantId, fileId, 'image');
/** A file that productsExport has written. */
export const exportKey = (tenantId: string, fileId: string) => joinKey('files', tenantId, fileId, 'export');
/** A resized or converted image: a cache entry, which may be removed at any time. */
export const resizedKey = (tenantId: string, fileId: string, name: string) => joinKey('cache', tenantId, fileId, name);
export const resizedFolder = (tenantId: string, fileId: string) => `${joinKey('cache', tenantId, fileId)}/`;
export const CACHE_FOLDER = 'cache/';
/** The folders of one store. */
export const tenantFolders = (tenantId: string) => [`${joinKey('cache', tenantId)}/`, `${joinKey('files', tenantId)}/`];

/** Reads a file's bytes. @throws WrongSize when there are more than `limit`. */
export async function readWhole(body: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new WrongSize(`more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
