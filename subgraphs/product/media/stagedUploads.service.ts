import { badUserInput, payload, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import type { Context } from '../context';
import { MAX_UPLOAD_BYTES, uploadKey } from '../files/fileStore';
import { IMAGE_TYPES, MAX_IMAGE_BYTES } from '../files/imageBytes';
import type {
  ProductErrorCode,
  StagedUploadInput,
  StagedUploadPurpose,
  StagedUploadTarget,
} from '../generated/resolvers';

const MAX_CONCURRENCY = 50;
/** How long a client has to send the bytes, and how long these then wait to be used. */
const TARGET_MS = 15 * 60 * 1000;
const KEPT_MS = 24 * 60 * 60 * 1000;

/** What may be uploaded, for what. */
const ALLOWED: Record<StagedUploadPurpose, { contentTypes: readonly string[]; bytes: number }> = {
  PRODUCT_IMAGE: { contentTypes: IMAGE_TYPES, bytes: MAX_IMAGE_BYTES },
  PRODUCT_IMPORT: { contentTypes: ['text/csv', 'application/x-ndjson'], bytes: MAX_UPLOAD_BYTES },
};

/**
 * Targets for files that are then named to another mutation. The rows are there before any bytes can be, so that an upload which
 * nothing becomes of is found and removed.
 */
export function stagedUploadsCreate(ctx: Context, inputs: StagedUploadInput[]) {
  return payload<'stagedTargets', StagedUploadTarget[], ProductErrorCode>('stagedTargets', async () => {
    if (inputs.length > MAX_CONCURRENCY) throw badUserInput('input', `at most ${MAX_CONCURRENCY} uploads`);
    const faults = inputs.flatMap(faultsOf);
    if (faults.length > 0) throw new UserErrors(...faults);

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
    return Promise.all(
      files.map(async (file) => ({
        id: file.id,
        expiresAt,
        ...(await ctx.media.store.uploadTarget(uploadKey(tenantId, file.id), file, expiresAt)),
      })),
    );
  });
}

function faultsOf({ purpose, contentType, byteSize }: StagedUploadInput, index: number) {
  const { contentTypes, bytes } = ALLOWED[purpose];
  const invalid = (name: string, expected: string) => ({
    field: ['input', String(index), name],
    code: 'INVALID' as const,
    message: `Expected ${expected}.`,
  });
  return [
    ...(contentTypes.includes(contentType) ? [] : [invalid('contentType', `one of ${contentTypes.join(', ')}`)]),
    ...(byteSize > 0 && byteSize <= bytes ? [] : [invalid('byteSize', `1 to ${bytes} bytes`)]),
  ];
}
