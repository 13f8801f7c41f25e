import type { Readable } from 'node:stream';

/** The longest file that a client may send: one of products to be imported. */
export const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;

export interface FileInfo {
  contentType: string;
  byteSize: number;
}

/** The one request by which a client may send a file's bytes. */
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

/** More or fewer bytes were sent than announced. */
export class WrongSize extends Error {}

/**
 * Files by key, outside of the database: on this machine's disk or in an S3-compatible store. Keys are made by the functions below:
 * each begins with its tenant.
 */
export interface FileStore {
  /** Atomic: the whole file replaces one that was there, or nothing changes. @throws WrongSize */
  put(key: string, body: Buffer | Readable, file: FileInfo): Promise<void>;
  /** Null when there is none. The caller reads the body to its end, or destroys it. */
  open(key: string): Promise<{ body: Readable; byteSize: number } | null>;
  remove(key: string): Promise<void>;
  /** @param prefix ends with a slash. @returns how many there were. */
  removeAll(prefix: string): Promise<number>;
  list(prefix: string): AsyncIterable<ListedFile>;
  /** A signed request that stores exactly such a file there, until it expires. */
  uploadTarget(key: string, file: FileInfo, expiresAt: Date): Promise<UploadTarget>;
}

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** @throws Error for a segment that could lead out of its folder (path traversal). */
export function joinKey(...segments: string[]): string {
  if (!segments.every((segment) => SEGMENT.test(segment))) throw new Error('This can be no part of a file’s key');
  return segments.join('/');
}

/** What was uploaded, and the image or the export that is served. */
export const fileFolder = (tenantId: string, fileId: string) => `${joinKey('files', tenantId, fileId)}/`;
/** What a client sent, not checked yet. */
export const uploadKey = (tenantId: string, fileId: string) => joinKey('files', tenantId, fileId, 'upload');
/** An image as it is served: checked, and encoded anew from its pixels. */
export const imageKey = (tenantId: string, fileId: string) => joinKey('files', tenantId, fileId, 'image');
/** What productsExport has written. */
export const exportKey = (tenantId: string, fileId: string) => joinKey('files', tenantId, fileId, 'export');
/** An image resized, or in another format: may be removed at any time. */
export const resizedKey = (tenantId: string, fileId: string, name: string) => joinKey('cache', tenantId, fileId, name);
export const resizedFolder = (tenantId: string, fileId: string) => `${joinKey('cache', tenantId, fileId)}/`;
export const CACHE_FOLDER = 'cache/';
/** Everything of one store. */
export const tenantFolders = (tenantId: string) => [`${joinKey('cache', tenantId)}/`, `${joinKey('files', tenantId)}/`];

/** A file's bytes. @throws WrongSize when there are more than `limit`. */
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
