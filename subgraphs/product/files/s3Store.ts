import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsCommand,
  type ListObjectsCommandOutput,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type FileStore, joinKey, type ListedFile } from './fileStore';

export interface S3Settings {
  bucket: string;
  region: string;
  /** The address of an S3-compatible store; undefined for Amazon S3. */
  endpoint: string | undefined;
  /** When undefined, the SDK finds credentials itself, such as an IAM role. */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
}

const REMOVE_CONCURRENCY = 8;

/** Stores files in an S3-compatible bucket, to which clients upload directly. */
export function createS3Store({ bucket: Bucket, region, endpoint, credentials }: S3Settings): FileStore {
  const client = new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    // By default the SDK adds checksums, which some S3-compatible stores do not support.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const checked = (key: string) => joinKey(...key.split('/'));

  async function* list(prefix: string): AsyncGenerator<ListedFile> {
    for (let Marker: string | undefined = ''; Marker !== undefined; ) {
      const page: ListObjectsCommandOutput = await client.send(
        new ListObjectsCommand({ Bucket, Prefix: prefix, Marker }),
      );
      const files = page.Contents ?? [];
      for (const { Key, Size = 0, LastModified = new Date(0) } of files) {
        if (Key) yield { key: Key, byteSize: Size, storedAt: LastModified };
      }
      Marker = page.IsTruncated ? files.at(-1)?.Key : undefined;
    }
  }

  const remove = async (key: string) => {
    await client.send(new DeleteObjectCommand({ Bucket, Key: checked(key) }));
  };

  return {
    list,
    remove,
    async put(key, body, { contentType, byteSize }) {
      const Key = checked(key);
      await client.send(
        new PutObjectCommand({ Bucket, Key, Body: body, ContentType: contentType, ContentLength: byteSize }),
      );
    },
    async open(key) {
      try {
        const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket, Key: checked(key) }));
        return Body ? { body: Body as Readable, byteSize: ContentLength } : null;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    },
    async removeAll(prefix) {
      let count = 0;
      let batch: Promise<void>[] = [];
      for await (const { key } of list(prefix)) {
        count += 1;
        batch.push(remove(key));
        if (batch.length < REMOVE_CONCURRENCY) continue;
        await Promise.all(batch);
        batch = [];
      }
      await Promise.all(batch);
      return count;
    },
    async uploadTarget(key, { contentType, byteSize }, expiresAt) {
      const command = new PutObjectCommand({
        Bucket,
        Key: checked(key),
        ContentType: contentType,
        ContentLength: byteSize,
      });
      const url = await getSignedUrl(client, command, {
        expiresIn: Math.round((expiresAt.getTime() - Date.now()) / 1000),
        // Signed headers, so that S3 refuses another type or length.
        signableHeaders: new Set(['host', 'content-type', 'content-length']),
      });
      return { url, method: 'PUT', headers: [{ name: 'content-type', value: contentType }] };
    },
  };
}
