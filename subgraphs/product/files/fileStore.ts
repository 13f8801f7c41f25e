import type { Readable } from 'node:stream';

/** The longest file that a client may send: one of products to be imported. */
export const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;

export interface FileInfo {
  contentType: string;
  byteSize: number;
}

/** Where a client sends a file's bytes: one request, as described here and no other. */
export interface UploadTarget {
  url: string;
  method: 'PUT';
  headers: { name: string; value: string }[];
}

export interface ListedFile {
  key: string;
  byteSize: number;
  storedAt: Date;
}

/** What was sent is not as long as it was said to be. */
export class WrongSize extends Error {}

/**
 * Files by key, outside of the database: on this machine's disk or in an S3-compatible store. Keys come from the functions
 * below, so that each carries its tenant.
 */
export interface FileStore {
  /** The whole file appears at once, in place of one that was there, or nothing does. @throws WrongSize */
  put(key: string, body: Buffer | Readable, file: FileInfo): Promise<void>;
  /** Null when there is none. Whoever opens a file reads it to its end, or destroys it. */
  open(key: string): Promise<{ body: Readable; byteSize: number } | null>;
  remove(key: string): Promise<void>;
  /** @param prefix ends with a slash. @returns how many there were. */
  removeAll(prefix: string): Promise<number>;
  list(prefix: string): AsyncIterable<ListedFile>;
  /** A signed request that stores exactly such a file there, for so long. */
  uploadTarget(key: string, file: FileInfo, expiresAt: Date): Promise<UploadTarget>;
}

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** @throws Error for what could lead out of its folder. */
export function joinKey(...segments: string[]): string {
  if (!segments.every((segment) => SEGMENT.test(segment))) throw new Error('This can be no part of a file’s key');
  return segments.join('/');
}

/** All of one file: what was uploaded, and what was made of it. */
export const fileFolder = (tenantId: string, fileId: string) => `${joinKey('files', tenantId, fileId)}/`;
/** What a client sent, not looked at yet. */
export const uploadKey = (tenantId: string, fileId: string) => joinKey('files', tenantId, fileId, 'upload');
/** An image as it is shown: checked, and written anew from its pixels. */
export const imageKey = (tenantId: string, fileId: string) => joinKey('files', tenantId, fileId, 'image');
/** What productsExport has written. */
export const exportKey = (tenantId: string, fileId: string) => joinKey('files', tenantId, fileId, 'export');
/** What was made of an image's pixels for a size and a format. May go at any time. */
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
