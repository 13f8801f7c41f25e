import { badUserInput, payload, UserErrors } from '../../shared/errors';
import { type Connection, connectionOf, type PageArgs } from '../../shared/pagination';
import { changeProduct } from '../catalog/changeProduct';
import { inUse, invalid, refuse, required } from '../catalog/faults';
import { visibleProducts } from '../catalog/visibility';
import type { Context } from '../context';
import type { ProductVariant } from '../generated/prisma/client';
import type { ProductErrorCode, ProductVariantInput, QueryProductVariantArgs } from '../generated/resolvers';
import { imagesOf, MAX_IMAGES } from '../media/imageRows';
import { lockVariants } from '../write/lockVariants';
import { refreshPriceRange } from '../write/priceRange';
import { insertVariants, newVariant } from '../write/variantRows';
import { changeVariant, familyOf, newCombinationFaults, skusOf, withUserErrors } from './changeVariant';
import { variantById, variantsByProductId } from './variant.loaders';
import { MAX_VARIANTS, newVariantFaults, variantFieldFaults } from './variantInput';

export type VariantConnection = Connection<ProductVariant>;

export async function findVariant(ctx: Context, { id, sku }: QueryProductVariantArgs): Promise<ProductVariant | null> {
  if ((id == null) === (sku == null)) throw badUserInput('id', 'either id or sku');
  if (id != null) return variantById(ctx).load(id);
  if (sku == null) return null;
  return ctx.db.productVariant.findFirst({ where: { tenantId: ctx.tenantId, sku, product: visibleProducts(ctx) } });
}

/** A product has at most 100 variants: all of a page's are loaded in one statement, and cut here. */
export async function listVariants(ctx: Context, productId: string, args: PageArgs): Promise<VariantConnection> {
  const variants = await variantsByProductId(ctx).load(productId);
  for (const variant of variants) variantById(ctx).prime(variant.id, variant);
  return connectionOf(variants, args, { key: 'POSITION', column: 'position', kind: 'number', reverse: false });
}

const INPUT = ['input'];

export function productVariantCreate(ctx: Context, productId: string, input: ProductVariantInput) {
  return payload<'productVariant', ProductVariant, ProductErrorCode>('productVariant', async () => {
    const { tenantId } = ctx;
    // Of no product yet: it tells what is no money before anything else.
    const { id } = newVariant(input, [], INPUT);
    refuse([
      ...variantFieldFaults(input, INPUT, input.price.currencyCode),
      ...newVariantFaults(input, INPUT, MAX_IMAGES),
    ]);

    const changed = { id: productId, idField: ['productId'], expectedVersion: null, versionField: [] };
    await withUserErrors(ctx, skusOf([{ input, at: INPUT }]), () =>
      changeProduct(ctx, changed, async (tx) => {
        const { options, variants } = await familyOf(tx, tenantId, productId);
        if (variants.length >= MAX_VARIANTS) {
          throw new UserErrors(invalid(['productId'], `at most ${MAX_VARIANTS} variants of a product`));
        }
        const images = await imagesOf(tx, tenantId, productId);
        const imageIds = images.map((image) => image.id);
        refuse([
          ...newVariantFaults(input, INPUT, imageIds.length),
          ...variantFieldFaults({ price: input.price }, INPUT, variants[0]?.currencyCode),
          ...newCombinationFaults(input.optionValues, options, variants, INPUT),
        ]);
        const position = Math.max(-1, ...variants.map((variant) => variant.position)) + 1;
        await insertVariants(ctx, tx, productId, [{ ...newVariant(input, options, INPUT, imageIds), id }], position);
        await refreshPriceRange(tx, tenantId, productId);
      }),
    );
    return ctx.db.productVariant.findFirstOrThrow({ where: { tenantId, id } });
  });
}

export function productVariantDelete(ctx: Context, id: string) {
  return payload<'deletedProductVariantId', string, ProductErrorCode>('deletedProductVariantId', async () => {
    const { tenantId } = ctx;
    await changeVariant(ctx, id, [], async (tx, { productId }) => {
      const variants = await lockVariants(tx, tenantId, { ofProduct: productId });
      if (variants.length === 1) throw new UserErrors(required(['id'], 'A product has at least one variant.'));
      const reserved = variants.find((variant) => variant.id === id)?.reserved ?? 0;
      if (reserved > 0) throw new UserErrors(inUse(['id'], `Orders hold ${reserved} of it.`));
      await tx.productVariant.deleteMany({ where: { tenantId, id } });
      await refreshPriceRange(tx, tenantId, productId);
    });
    return id;
  });
}
