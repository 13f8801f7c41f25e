import { refusal } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import { imageKey, readWhole, uploadKey, WrongSize } from '../files/fileStore';
import { ImageRefused, MAX_IMAGE_BYTES } from '../files/imageBytes';
import type { MediaFilePurpose } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';

/** An image whose bytes are a file of this service. */
export interface StoredImage {
  fileId: string;
  contentType: string;
  width: number;
  height: number;
}

const refuse = refusal<UserErrorCode>;
const UPLOAD_FIELD = ['input', 'stagedUploadId'];
const noUpload = () => refuse(UPLOAD_FIELD, 'NOT_FOUND', 'There is no such upload, or it has been used.');

/** A conditional update: of two concurrent requests with the same upload only one gets it. */
export async function attachFile(tx: Tx, tenantId: string, fileId: string): Promise<void> {
  const { count } = await tx.mediaFile.updateMany({
    where: { tenantId, id: fileId, status: 'TEMPORARY' },
    data: { status: 'ATTACHED' },
  });
  if (count === 0) throw noUpload();
}

/** Validates the uploaded bytes, and stores the image under the key that it is served from. */
export async function storeUpload(ctx: Context, purpose: MediaFilePurpose, fileId: string): Promise<StoredImage> {
  const { tenantId, db, media } = ctx;
  const file = await db.mediaFile.findFirst({
    where: { tenantId, id: fileId, purpose, status: 'TEMPORARY', expiresAt: { gt: new Date() } },
  });
  if (!file) throw noUpload();
  const upload = await media.store.open(uploadKey(tenantId, fileId));
  if (!upload) throw refuse(UPLOAD_FIELD, 'INVALID', 'Nothing has been uploaded to it yet.');
  try {
    const { bytes, ...image } = await media.checkImage(await readWhole(upload.body, MAX_IMAGE_BYTES), file.contentType);
    const { contentType } = image;
    await media.store.put(imageKey(tenantId, fileId), bytes, { contentType, byteSize: bytes.length });
    return { fileId, ...image };
  } catch (error) {
    if (error instanceof ImageRefused || error instanceof WrongSize) {
      throw refuse(UPLOAD_FIELD, 'INVALID', error.message);
    }
    throw error;
  }
}
