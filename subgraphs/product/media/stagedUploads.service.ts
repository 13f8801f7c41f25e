import { z } from 'zod';
import { badUserInput } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { readInput } from '../../shared/inputReader';
import { payload } from '../../shared/userErrors';
import type { Context } from '../context';
import { MAX_UPLOAD_BYTES, uploadKey } from '../files/fileStore';
import { IMAGE_TYPES, MAX_IMAGE_BYTES } from '../files/imageBytes';
import type { StagedUploadInput, StagedUploadPurpose, StagedUploadTarget, UserErrorCode } from '../generated/resolvers';

/** The most uploads of one request. */
const MAX_UPLOADS = 50;
/** How long a target's address is valid. */
const TARGET_MS = 15 * 60 * 1000;
/** How long an unused upload is kept. */
const KEPT_MS = 24 * 60 * 60 * 1000;

const uploadOf = (purpose: StagedUploadPurpose, contentTypes: readonly string[], maxBytes: number) =>
  z.object({
    purpose: z.literal(purpose),
    contentType: z.enum(contentTypes, `Expected one of ${contentTypes.join(', ')}.`),
    byteSize: z.number().refine((size) => size > 0 && size <= maxBytes, `Expected 1 to ${maxBytes} bytes.`),
  });
const uploads = z.array(
  z.discriminatedUnion('purpose', [
    uploadOf('PRODUCT_IMAGE', IMAGE_TYPES, MAX_IMAGE_BYTES),
    uploadOf('PRODUCT_IMPORT', ['text/csv', 'application/x-ndjson'], MAX_UPLOAD_BYTES),
  ]),
);

/**
 * Creates upload targets; another mutation gets the ids of the uploaded files. The rows are written before any bytes can arrive, because
 * the media sweep finds unused uploads by their rows.
 */
export function stagedUploadsCreate(ctx: Context, inputs: StagedUploadInput[]) {
  return payload<'stagedUploadTargets', StagedUploadTarget[], UserErrorCode>('stagedUploadTargets', async () => {
    if (inputs.length > MAX_UPLOADS) throw badUserInput('input', `at most ${MAX_UPLOADS} uploads`);
    readInput(uploads, inputs);

    const now = Date.now();
    const { tenantId } = ctx;
    const files = inputs.map((input) => ({ ...input, id: newId('file') }));
    await ctx.db.mediaFile.createMany({
      data: files.map(({ id, purpose, contentType, byteSize }) => ({
        tenantId,
        id,
        purpose,
        contentType,
        byteSize,
        expiresAt: new Date(now + KEPT_MS),
      })),
    });
    const expiresAt = new Date(now + TARGET_MS);
    const targetOf = async (file: (typeof files)[number]): Promise<StagedUploadTarget> => {
      const target = await ctx.media.store.uploadTarget(uploadKey(tenantId, file.id), file, expiresAt);
      return { ...target, id: file.id, expiresAt };
    };
    return Promise.all(files.map(targetOf));
  });
}
