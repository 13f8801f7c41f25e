import { z } from 'zod';
import { isForeignKeyViolation } from '../../shared/constraints';
import { newId } from '../../shared/ids';
import { readInput, text } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import { inUse, limitReached, notFound, payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { StoreImage } from '../generated/prisma/client';
import type { StoreImageCreateInput, UserErrorCode } from '../generated/resolvers';
import { attachFile, storeUpload } from '../media/storeUpload';

const MAX_STORE_IMAGES = 1_000;

const created = z.object({ altText: text({ max: 512, min: 0 }).nullish() });

export async function listStoreImages({ db, tenantId }: Context, args: PageArgs): Promise<Connection<StoreImage>> {
  const page = readPage(args, { key: 'STORE_IMAGES', column: 'id', kind: 'text', reverse: false });
  const images = await db.storeImage.findMany({ ...page.query, where: { AND: [{ tenantId }, page.query.where] } });
  return toConnection(images, page, () => db.storeImage.count({ where: { tenantId } }));
}

/** Keeps an uploaded image, checked and re-encoded as a product's. */
export function storeImageCreate(ctx: Context, input: StoreImageCreateInput) {
  return payload<'storeImage', StoreImage, UserErrorCode>('storeImage', async () => {
    const { tenantId, db, media } = ctx;
    const { stagedUploadId } = input;
    const { altText } = readInput(created, input);
    const stored = await storeUpload(ctx, 'STORE_IMAGE', stagedUploadId);
    const image = await db.$transaction(async (tx) => {
      await lockResource(tx, tenantId, 'store images');
      if ((await tx.storeImage.count({ where: { tenantId } })) >= MAX_STORE_IMAGES) {
        throw new UserErrors(limitReached(['input'], `A store has at most ${MAX_STORE_IMAGES} images of its own.`));
      }
      await attachFile(tx, tenantId, stagedUploadId);
      const { fileId, contentType, width, height } = stored;
      const data = { tenantId, id: newId('simg'), fileId, contentType, width, height, altText: altText || null };
      return tx.storeImage.create({ data });
    });
    await media.removeUpload(tenantId, stagedUploadId);
    return image;
  });
}

/** The foreign keys of what shows an image decide whether it may be deleted. The media sweep removes its file. */
export function storeImageDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedStoreImageId', string, UserErrorCode>('deletedStoreImageId', async () => {
    try {
      await db.$transaction(async (tx) => {
        const image = await tx.storeImage.findFirst({ where: { tenantId, id } });
        const { count } = await tx.storeImage.deleteMany({ where: { tenantId, id } });
        if (!image || count === 0) throw new UserErrors(notFound('image'));
        await tx.mediaFile.updateMany({ where: { tenantId, id: image.fileId }, data: { status: 'REMOVED' } });
      });
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
      throw new UserErrors(inUse(['id'], 'A category or a swatch shows it.'));
    }
    return id;
  });
}
