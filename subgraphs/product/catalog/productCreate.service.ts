import { isForeignKeyViolation, isUniqueViolation } from '../../shared/constraints';
import { payload, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import type { Context } from '../context';
import type { Product } from '../generated/prisma/client';
import type { ProductCreateInput, ProductErrorCode } from '../generated/resolvers';
import { type CheckedVariant, checkProductCreate } from './productInput';
import { insertWithSlug } from './slug';

/** Adds a product with all that belongs to it, or nothing. */
export function productCreate(ctx: Context, input: ProductCreateInput) {
  return payload<'product', Product, ProductErrorCode>('product', async () => {
    const { faults, variants } = checkProductCreate(input);
    if (faults.length > 0) throw new UserErrors(...faults);

    const id = newId('prod');
    try {
      return await insertWithSlug({ id, name: input.name, slug: input.slug }, (slug) =>
        insertProduct(ctx, id, slug, input, variants),
      );
    } catch (error) {
      if (isUniqueViolation(error, 'slug')) throw refused(['input', 'slug'], 'TAKEN', 'Another product has this slug.');
      if (isUniqueViolation(error, 'sku')) throw await takenSkus(ctx, variants);
      if (isForeignKeyViolation(error, 'category')) throw await missingCategories(ctx, input.categoryIds);
      throw error;
    }
  });
}

/** The keys carry the tenant: another store's category is no category here, and its slugs and SKUs are free. */
function insertProduct(ctx: Context, id: string, slug: string, input: ProductCreateInput, variants: CheckedVariant[]) {
  const { tenantId, caller } = ctx;
  const rows = variants.map((variant) => ({ ...variant, id: newId('pvar') }));
  return ctx.db.$transaction(async (tx): Promise<Product> => {
    const product = await tx.product.create({
      data: { tenantId, id, slug, name: input.name.trim(), description: input.description ?? '', status: input.status },
    });
    await tx.productOption.createMany({
      data: input.options.map((option, position) => ({ tenantId, productId: id, position, ...option })),
    });
    await tx.productVariant.createMany({
      data: rows.map((row, position) => ({
        tenantId,
        id: row.id,
        productId: id,
        sku: row.sku,
        position,
        priceAmount: row.price.minorUnits,
        currencyCode: row.price.currencyCode,
        optionValues: input.options.map(({ name }) => row.optionValues.find(({ option }) => option === name) ?? {}),
        available: row.stock,
      })),
    });
    await tx.stockMovement.createMany({
      data: rows
        .filter((row) => row.stock > 0)
        .map((row) => ({
          tenantId,
          id: newId('smov'),
          variantId: row.id,
          kind: 'ADJUSTMENT' as const,
          quantity: row.stock,
          actorId: caller.userId,
        })),
    });
    await tx.productImage.createMany({
      data: input.images.map(({ url, altText }, position) => ({
        tenantId,
        id: newId('pimg'),
        productId: id,
        position,
        url,
        altText: altText ?? null,
      })),
    });
    await tx.productCategory.createMany({
      data: [...new Set(input.categoryIds)].map((categoryId) => ({ tenantId, productId: id, categoryId })),
    });
    return product;
  });
}

async function takenSkus(ctx: Context, variants: CheckedVariant[]): Promise<UserErrors> {
  const taken = await ctx.db.productVariant.findMany({
    where: { tenantId: ctx.tenantId, sku: { in: variants.map(({ sku }) => sku) } },
    select: { sku: true },
  });
  const skus = new Set(taken.map(({ sku }) => sku));
  return new UserErrors(
    ...variants.flatMap(({ sku }, index) =>
      skus.has(sku)
        ? refused(['input', 'variants', String(index), 'sku'], 'TAKEN', 'Another variant has this SKU.').userErrors
        : [],
    ),
  );
}

async function missingCategories(ctx: Context, categoryIds: string[]): Promise<UserErrors> {
  const found = await ctx.db.category.findMany({
    where: { tenantId: ctx.tenantId, id: { in: categoryIds } },
    select: { id: true },
  });
  const ids = new Set(found.map(({ id }) => id));
  return new UserErrors(
    ...categoryIds.flatMap((id, index) =>
      ids.has(id) ? [] : refused(['input', 'categoryIds', String(index)], 'NOT_FOUND', 'No such category.').userErrors,
    ),
  );
}

const refused = (field: string[], code: ProductErrorCode, message: string) => new UserErrors({ field, code, message });
