import { z } from 'zod';
import { badUserInput } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { readInput } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import { runInScope } from '../../shared/scope';
import { limitReached, payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import { MAX_UPLOAD_BYTES, uploadKey } from '../files/fileStore';
import { IMAGE_TYPES, MAX_IMAGE_BYTES } from '../files/imageBytes';
import type { StagedUploadInput, StagedUploadPurpose, StagedUploadTarget, UserErrorCode } from '../generated/resolvers';

/** The most uploads of one request. */
const MAX_UPLOADS = 50;
/** How long a target's address is valid. */
const TARGET_MS = 15 * 60 * 1000;
/** How long an unused upload is kept. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** Of one store, while nothing has used them: what is beyond is a program that runs wild. */
const MAX_UNUSED = 500;
const MAX_UNUSED_BYTES = 2 * 1024 ** 3;

const uploadOf = (purpose: StagedUploadPurpose, contentTypes: readonly string[], maxBytes: number) =>
  z.object({
    purpose: z.literal(purpose),
    contentType: z.enum(contentTypes, `Expected one of ${contentTypes.join(', ')}.`),
    byteSize: z.number().refine((size) => size > 0 && size <= maxBytes, `Expected 1 to ${maxBytes} bytes.`),
  });
const uploads = z.array(
  z.discriminatedUnion('purpose', [
    uploadOf('PRODUCT_IMAGE', IMAGE_TYPES, MAX_IMAGE_BYTES),
    uploadOf('STORE_IMAGE', IMAGE_TYPES, MAX_IMAGE_BYTES),
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
    await ctx.db.$transaction(async (tx) => {
      await takeRoom(tx, tenantId, inputs);
      await tx.mediaFile.createMany({
        data: files.map(({ id, purpose, contentType, byteSize }) => ({
          tenantId,
          id,
          purpose,
          contentType,
          byteSize,
          expiresAt: new Date(now + KEPT_MS),
        })),
      });
    });
    const expiresAt = new Date(now + TARGET_MS);
    const targetOf = async (file: (typeof files)[number]): Promise<StagedUploadTarget> => {
      const target = await ctx.media.store.uploadTarget(uploadKey(tenantId, file.id), file, expiresAt);
      return { ...target, id: file.id, expiresAt };
    };
    return Promise.all(files.map(targetOf));
  });
}

/** Two requests at once wait for one another here, so that they don't take the same room. @throws UserErrors LIMIT_REACHED */
async function takeRoom(tx: Tx, tenantId: string, inputs: readonly StagedUploadInput[]): Promise<void> {
  await lockResource(tx, tenantId, 'staged uploads');
  const [unused] = await tx.$queryRaw<{ count: number; bytes: number }[]>`
    SELECT count(*)::int AS count, coalesce(sum(byte_size), 0)::float8 AS bytes FROM media_files
    WHERE tenant_id = ${tenantId} AND status = 'TEMPORARY' AND expires_at > now()`;
  const bytes = inputs.reduce((sum, { byteSize }) => sum + byteSize, unused?.bytes ?? 0);
  if ((unused?.count ?? 0) + inputs.length <= MAX_UNUSED && bytes <= MAX_UNUSED_BYTES) return;
  const most = `${MAX_UNUSED} uploads and ${MAX_UNUSED_BYTES} bytes`;
  const message = `At most ${most} of a store wait to be used: use those there are, or wait until they expire, a day after they were staged.`;
  throw new UserErrors(limitReached(['input'], message));
}

/** Whether a client may still send the upload's bytes. */
export async function isAwaitedUpload(db: Db, tenantId: string, id: string): Promise<boolean> {
  const where = { tenantId, id, status: 'TEMPORARY' as const, expiresAt: { gt: new Date() } };
  return runInScope({ tenantId }, async () => (await db.mediaFile.count({ where })) > 0);
}
