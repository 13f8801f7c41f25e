import { recordEvent } from '../../shared/events/recordEvent';
import { inUse, payload, StaleVersion, UserErrors } from '../../shared/userErrors';
import { lockProduct } from '../catalog/changeProduct';
import type { Context } from '../context';
import type { MutationProductDeleteArgs, UserErrorCode } from '../generated/resolvers';
import { releaseFiles } from '../media/imageRows';
import { lockVariants } from '../write/lockVariants';

/** Deletes a product and everything that belongs to it. Orders keep copies of what they need in their items. */
export function productDelete(ctx: Context, { id, expectedVersion }: MutationProductDeleteArgs) {
  return payload<'deletedProductId', string, UserErrorCode>('deletedProductId', async () => {
    const { tenantId } = ctx;
    try {
      await ctx.db.$transaction(async (tx) => {
        const { version } = await lockProduct(ctx, tx, {
          id,
          idField: ['id'],
          expectedVersion,
          versionField: ['expectedVersion'],
        });
        const variants = await lockVariants(tx, tenantId, { ofProduct: id });
        const held = variants.find(({ reserved }) => reserved > 0);
        if (held) throw new UserErrors(inUse(['id'], `Orders hold stock of ${held.sku}: archive the product instead.`));
        await releaseFiles(tx, tenantId, { productId: id });
        await tx.product.deleteMany({ where: { tenantId, id } });
        await tx.productSales.deleteMany({ where: { tenantId, productId: id } });
        await recordEvent(tx, {
          type: 'product.deleted',
          aggregateId: id,
          aggregateVersion: version,
          data: { variantIds: variants.map((variant) => variant.id) },
        });
      });
    } catch (error) {
      // This payload has no field for the current product, which StaleVersion carries.
      throw error instanceof StaleVersion ? new UserErrors(...error.userErrors) : error;
    }
    ctx.forgetLoaded();
    return id;
  });
}
