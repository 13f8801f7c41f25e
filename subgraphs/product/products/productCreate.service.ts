import { newId } from '../../shared/ids';
import { payload, throwIfAny } from '../../shared/userErrors';
import { asUserErrors } from '../catalog/constraintErrors';
import { takeRoomForProduct } from '../catalog/planLimit';
import { insertWithSlug } from '../catalog/slug';
import type { Context } from '../context';
import type { Product } from '../generated/prisma/client';
import type { ProductCreateInput, UserErrorCode } from '../generated/resolvers';
import { newVariant } from '../variant/newVariant';
import { requireMoney } from '../variant/variantInput';
import { insertProducts, type NewProduct } from '../write/insertProducts';
import { productCreateFaults } from './productInput';

/** Creates a product with its options, variants, images, categories and metafields, in one transaction. */
export function productCreate(ctx: Context, input: ProductCreateInput) {
  return payload<'product', Product, UserErrorCode>('product', () => createProduct(ctx, input));
}

const fieldOf = (index: number) => ['input', 'variants', String(index)];

/** @throws UserErrors. */
export async function createProduct(ctx: Context, input: ProductCreateInput): Promise<Product> {
  for (const [index, variant] of input.variants.entries()) requireMoney(variant, fieldOf(index));
  throwIfAny(productCreateFaults(input));

  const id = newId('prod');
  const imageIds = input.images.map(() => newId('pimg'));
  const variants = input.variants.map((variant, index) => newVariant(variant, input.options, fieldOf(index), imageIds));
  try {
    return await insertWithSlug({ id, name: input.name, slug: input.slug }, (slug) =>
      insertProduct(ctx, { id, slug, input, variants, imageIds }),
    );
  } catch (error) {
    throw await asUserErrors(ctx, error, {
      skus: variants.map(({ sku }, index) => ({ sku, field: [...fieldOf(index), 'sku'] })),
      categoryIds: input.categoryIds,
    });
  }
}

const insertProduct = (ctx: Context, product: NewProduct): Promise<Product> =>
  ctx.db.$transaction(async (tx) => {
    await takeRoomForProduct(tx, ctx);
    const [created] = await insertProducts(ctx, tx, [product]);
    if (!created) throw new Error('One product makes one row');
    return created;
  });
