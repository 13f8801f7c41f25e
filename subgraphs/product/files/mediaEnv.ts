import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { rotatedSecret } from '../../shared/env';

const GIBIBYTE = 1024 ** 3;
const LOCAL_GATEWAY = 'http://localhost:3000';

/** The variables of file storage and of the files' public addresses. @param hasBucket whether files are stored in a bucket. */
export const mediaEnv = (production: boolean, hasBucket: boolean) => ({
  /** The gateway's public address, with which images' addresses begin. */
  MEDIA_PUBLIC_URL: publicUrl(production),
  /** The key that signs the addresses of images and uploads; derived from CALLER_SIGNING_KEY when empty. */
  MEDIA_SIGNING_KEY: rotatedSecret(production).optional(),
  /** The folder of the files when there is no bucket. */
  MEDIA_DISK_PATH: diskPath(production && !hasBucket),
  /** A bucket of an S3-compatible store, instead of the folder. */
  MEDIA_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket')
    .optional(),
  MEDIA_S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'expected the address of an S3-compatible store' })
    .optional(),
  MEDIA_S3_REGION: z.string().default('us-east-1'),
  MEDIA_S3_ACCESS_KEY_ID: z.string().optional(),
  MEDIA_S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** The size limit of the cache of resized images, in bytes. */
  MEDIA_CACHE_MAX_BYTES: z.coerce
    .number('expected a number of bytes')
    .int('expected a number of bytes')
    .min(0, 'expected a number of bytes')
    .default(GIBIBYTE),
});

/** The parsed {@link mediaEnv}. */
export type MediaEnv = z.output<z.ZodObject<ReturnType<typeof mediaEnv>>>;

function publicUrl(production: boolean) {
  const error = 'expected the address at which clients reach the gateway, such as https://api.example.com';
  return production
    ? z.url({ protocol: /^https$/, error })
    : z.url({ protocol: /^https?$/, error }).default(LOCAL_GATEWAY);
}

function diskPath(needed: boolean) {
  const path = z.string({ error: 'is missing; expected a folder that lasts, or MEDIA_S3_BUCKET' });
  return needed ? path : path.default(join(tmpdir(), 'multistore-media'));
}
