import { isForeignKeyViolation, isUniqueViolation } from '../../shared/constraints';
import { notFound, taken, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Fault } from './faults';

/** The values of a mutation's input that may violate a constraint. */
interface Wanted {
  /** SKUs, each with its path in the input. */
  skus?: { sku: string; field: string[] }[];
  categoryIds?: readonly string[];
  /** This product's own SKUs do not count as taken, since all of them are rewritten. */
  productId?: string;
}

/**
 * Translates a violated constraint into user errors. Only the constraints decide what is taken and what exists: a query beforehand
 * would be a race condition. Their keys include the tenant, so another store's categories do not exist here, and its SKUs are free.
 * @returns `error` itself when it is no constraint violation.
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
