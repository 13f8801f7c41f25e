import type { Secret } from '../../shared/hmac';
import type { Logger } from '../../shared/log';
import { createDiskStore } from './diskStore';
import { type FileStore, tenantFolders, uploadKey } from './fileStore';
import { type CheckedImage, checkImage } from './imageBytes';
import { createImageCache } from './imageCache';
import type { MediaEnv } from './mediaEnv';
import { createMediaUrls, type MediaUrls, mediaKeys } from './mediaUrls';
import { createS3Store } from './s3Store';
import { createServedImages, type FindImage } from './servedImages';
import { createWorkLimit } from './workLimit';

/** The stores' files: images of products, uploads and exports. */
export interface Media {
  store: FileStore;
  urls: MediaUrls;
  findImage: FindImage;
  /** As {@link checkImage}, with limited concurrency: waits for a free slot. @throws ImageRefused | Busy */
  checkImage(upload: Buffer, declaredType: string): Promise<CheckedImage>;
  /** Removes the uploaded bytes after they were read. If that fails, they are removed together with the image later. */
  removeUpload(tenantId: string, fileId: string): Promise<void>;
  /** Removes all files of a store. @returns how many were removed. */
  erase(tenantId: string): Promise<number>;
}

/** How many images are decoded and encoded concurrently: each uses a core and much memory. */
const CONCURRENCY = 2;
/** The length of the queue. More requests are rejected (load shedding): the client is asked to try again. */
const MAX_WAITING = 64;

export function createMedia(env: MediaEnv & { CALLER_SIGNING_KEY: Secret }, logger: Logger): Media {
  const urls = createMediaUrls(env.MEDIA_PUBLIC_URL, mediaKeys(env.MEDIA_SIGNING_KEY, env.CALLER_SIGNING_KEY));
  const store = createStore(env, urls);
  const limit = createWorkLimit(CONCURRENCY, MAX_WAITING);
  return {
    store,
    urls,
    findImage: createServedImages(store, createImageCache(store, env.MEDIA_CACHE_MAX_BYTES), limit),
    checkImage: (upload, declaredType) => limit(() => checkImage(upload, declaredType)),
    removeUpload: async (tenantId, fileId) => {
      try {
        await store.remove(uploadKey(tenantId, fileId));
      } catch (error) {
        logger.warn({ err: error, fileId }, 'upload not removed; it is removed together with its image');
      }
    },
    erase: async (tenantId) => {
      let count = 0;
      for (const folder of tenantFolders(tenantId)) count += await store.removeAll(folder);
      return count;
    },
  };
}

function createStore(env: MediaEnv, urls: MediaUrls): FileStore {
  const {
    MEDIA_S3_BUCKET: bucket,
    MEDIA_S3_ACCESS_KEY_ID: accessKeyId,
    MEDIA_S3_SECRET_ACCESS_KEY: secretAccessKey,
  } = env;
  if (!bucket) return createDiskStore(env.MEDIA_DISK_PATH, urls);
  const credentials = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
  return createS3Store({ bucket, region: env.MEDIA_S3_REGION, endpoint: env.MEDIA_S3_ENDPOINT, credentials });
}
