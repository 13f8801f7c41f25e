import { badUserInput } from '../../shared/errors';
import { MAX_IMAGES, MAX_VARIANTS } from '../../shared/limits';
import { type Connection, connectionOf, type PageArgs } from '../../shared/pagination';
import { inUse, invalid, payload, required, throwIfAny, UserErrors } from '../../shared/userErrors';
import { visibleProducts } from '../catalog/visibility';
import type { Context } from '../context';
import type { ProductVariant } from '../generated/prisma/client';
import type { ProductVariantInput, QueryProductVariantArgs, UserErrorCode } from '../generated/resolvers';
import { lockVariants } from '../write/lockVariants';
import {
  changeVariants,
  NO_CHANGE,
  newCombinationFaults,
  productIdOf,
  skusOf,
  takenSku,
  variantOf,
} from './changeVariants';
import { newVariant } from './newVariant';
import { variantById, variantsByProductId } from './variant.loaders';
import { newVariantFaults, requireMoney, variantFieldFaults } from './variantInput';

export type VariantConnection = Connection<ProductVariant>;

export async function findVariant(ctx: Context, { id, sku }: QueryProductVariantArgs): Promise<ProductVariant | null> {
  if ((id == null) === (sku == null)) throw badUserInput('id', 'either id or sku');
  if (id != null) return variantById(ctx).load(id);
  if (sku == null) return null;
  return ctx.db.productVariant.findFirst({ where: { tenantId: ctx.tenantId, sku, product: visibleProducts(ctx) } });
}

/** A product has at most 100 variants, so the loader reads all of them, in one statement for all products of a page; pages are cut here. */
export async function listVariants(ctx: Context, productId: string, args: PageArgs): Promise<VariantConnection> {
  const variants = await variantsByProductId(ctx).load(productId);
  for (const variant of variants) variantById(ctx).prime(variant.id, variant);
  const cut = args.first == null && args.last == null ? { ...args, first: MAX_VARIANTS } : args;
  return connectionOf(variants, cut, { key: 'POSITION', column: 'position', kind: 'number', reverse: false });
}

const INPUT = ['input'];

export function productVariantCreate(ctx: Context, productId: string, input: ProductVariantInput) {
  return payload<'productVariant', ProductVariant, UserErrorCode>('productVariant', async () => {
    requireMoney(input, INPUT);
    throwIfAny([
      ...variantFieldFaults(input, INPUT, input.price.currencyCode),
      ...newVariantFaults(input, INPUT, MAX_IMAGES),
    ]);

    let id = '';
    const skus = skusOf([{ input, at: INPUT }]);
    await changeVariants(
      ctx,
      { productId, idField: ['productId'], skus, parts: ['options', 'images'] },
      ({ options, variants, images }) => {
        if (variants.length >= MAX_VARIANTS) {
          throw new UserErrors(invalid(['productId'], `at most ${MAX_VARIANTS} variants of a product`));
        }
        const imageIds = images.map((image) => image.id);
        throwIfAny([
          ...newVariantFaults(input, INPUT, imageIds.length),
          ...variantFieldFaults({ price: input.price }, INPUT, variants[0]?.currencyCode),
          ...newCombinationFaults(input.optionValues, options, variants, INPUT),
          ...takenSku(input.sku, variants, INPUT),
        ]);
        const variant = newVariant(input, options, INPUT, imageIds);
        id = variant.id;
        const position = Math.max(-1, ...variants.map((one) => one.position)) + 1;
        return { ...NO_CHANGE, added: [{ variant, position }] };
      },
    );
    return ctx.db.productVariant.findFirstOrThrow({ where: { tenantId: ctx.tenantId, id } });
  });
}

export function productVariantDelete(ctx: Context, id: string) {
  return payload<'deletedProductVariantId', string, UserErrorCode>('deletedProductVariantId', async () => {
    const productId = await productIdOf(ctx, id);
    await changeVariants(ctx, { productId, idField: ['id'], skus: [] }, async (stored, tx) => {
      const variant = variantOf(stored, id);
      const locked = await lockVariants(tx, ctx.tenantId, { ofProduct: productId });
      if (locked.length === 1) throw new UserErrors(required(['id'], 'A product has at least one variant.'));
      const reserved = locked.find((one) => one.id === id)?.reserved ?? 0;
      if (reserved > 0) throw new UserErrors(inUse(['id'], `Orders hold ${reserved} of it.`));
      return { ...NO_CHANGE, gone: [variant] };
    });
    return id;
  });
}
