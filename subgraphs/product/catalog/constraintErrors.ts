import { isForeignKeyViolation, isUniqueViolation } from '../../shared/constraints';
import { notFound, taken, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Fault } from './faults';

/** What a mutation wanted to write, where a constraint of the database may stand against it. */
interface Wanted {
  /** SKUs, each with its place in the input. */
  skus?: { sku: string; field: string[] }[];
  categoryIds?: readonly string[];
  /** A product whose own SKUs are not in its way, since all of them are written anew. */
  productId?: string;
}

/**
 * The database alone decides what is taken and what exists: its keys carry the tenant, so another store's category is no
 * category here, and its slugs and SKUs are free. A look beforehand would prove nothing. @returns the user errors that a
 * constraint's violation amounts to; what is none is returned as it is.
 */
export async function asUserErrors(
  ctx: Context,
  error: unknown,
  { skus = [], categoryIds = [], productId = '' }: Wanted,
) {
  if (isUniqueViolation(error, 'external_reference')) {
    return new UserErrors(taken(['input', 'externalReference'], 'Another product has this reference.'));
  }
  if (isUniqueViolation(error, 'slug')) return new UserErrors(taken(['input', 'slug'], 'Another has this slug.'));
  if (isUniqueViolation(error, 'sku')) return new UserErrors(...(await takenSkus(ctx, skus, productId)));
  if (isForeignKeyViolation(error, 'category')) return new UserErrors(...(await missingCategories(ctx, categoryIds)));
  return error;
}

async function takenSkus(
  ctx: Context,
  wanted: { sku: string; field: string[] }[],
  productId: string,
): Promise<Fault[]> {
  const found = await ctx.db.productVariant.findMany({
    where: { tenantId: ctx.tenantId, sku: { in: wanted.map(({ sku }) => sku) }, productId: { not: productId } },
    select: { sku: true },
  });
  const skus = new Set(found.map(({ sku }) => sku));
  return wanted.flatMap(({ sku, field }) => (skus.has(sku) ? [taken(field, 'Another variant has this SKU.')] : []));
}

async function missingCategories(ctx: Context, categoryIds: readonly string[]): Promise<Fault[]> {
  const found = await ctx.db.category.findMany({
    where: { tenantId: ctx.tenantId, id: { in: [...categoryIds] } },
    select: { id: true },
  });
  const ids = new Set(found.map(({ id }) => id));
  return categoryIds.flatMap((id, index) =>
    ids.has(id) ? [] : [notFound('category', ['input', 'categoryIds', String(index)])],
  );
}
