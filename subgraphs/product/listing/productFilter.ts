import { badUserInput } from '../../shared/errors';
import { parseMoney } from '../../shared/money';
import { seesEverything } from '../catalog/visibility';
import type { Context } from '../context';
import { Prisma } from '../generated/prisma/client';
import type { DateTimeRange, MoneyRange, OptionValueInput, ProductFilter } from '../generated/resolvers';

/** The most values that one condition takes: each is compared with every product. */
const MOST_VALUES = 100;

/**
 * Which products `p` a list is of: the caller's store's, those that the caller may see, and of them those that fulfil all
 * conditions. What the view products_on_sale says is said here once more: a join would keep lists from their sort's index.
 */
export function productConditions(ctx: Context, where: ProductFilter | null | undefined): Prisma.Sql[] {
  const { tenantId } = ctx;
  const conditions = [Prisma.sql`p.tenant_id = ${tenantId}`];
  if (!seesEverything(ctx)) conditions.push(Prisma.sql`p.status = 'ACTIVE' AND p.published_at <= now()`);
  if (!where) return conditions;

  const { status, categoryId, includeDescendants, tags, vendors, productTypes, price, available } = where;
  if (status) conditions.push(Prisma.sql`p.status = ANY (${listed('status', status)}::text[]::"ProductStatus"[])`);
  if (categoryId) conditions.push(inCategory(tenantId, categoryId, includeDescendants));
  if (tags) conditions.push(Prisma.sql`p.tags && ${listed('tags', tags)}::text[]`);
  if (vendors) conditions.push(Prisma.sql`p.vendor = ANY (${listed('vendors', vendors)}::text[])`);
  if (productTypes) conditions.push(Prisma.sql`p.product_type = ANY (${listed('productTypes', productTypes)}::text[])`);
  if (price) conditions.push(...priceWithin(price));
  if (available != null) conditions.push(isAvailable(available));
  if (where.optionValues?.length) conditions.push(hasOptions(where.optionValues));
  conditions.push(
    ...within(Prisma.sql`p.created_at`, where.createdAt),
    ...within(Prisma.sql`p.updated_at`, where.updatedAt),
  );
  return conditions;
}

function listed<Value extends string>(field: string, values: readonly Value[]): Value[] {
  if (values.length > MOST_VALUES) throw badUserInput(`where.${field}`, `at most ${MOST_VALUES} values`);
  return [...new Set(values)];
}

/** The category, and all below it on request. The tree is walked once, before the list. */
function inCategory(tenantId: string, categoryId: string, includeDescendants: boolean): Prisma.Sql {
  if (!includeDescendants) return inCategories(tenantId, [categoryId]);
  return isIn(
    tenantId,
    Prisma.sql`ARRAY(
      WITH RECURSIVE tree AS (
        SELECT ${categoryId}::text AS id
        UNION SELECT c.id FROM categories c JOIN tree ON c.parent_id = tree.id WHERE c.tenant_id = ${tenantId})
      SELECT id FROM tree)`,
  );
}

/** Products `p` that are directly in one of these. */
export const inCategories = (tenantId: string, categoryIds: string[]): Prisma.Sql =>
  isIn(tenantId, Prisma.sql`${categoryIds}::text[]`);

const isIn = (tenantId: string, categoryIds: Prisma.Sql): Prisma.Sql => Prisma.sql`
  EXISTS (SELECT FROM product_categories c
    WHERE c.tenant_id = ${tenantId} AND c.product_id = p.id AND c.category_id = ANY (${categoryIds}))`;

/** By the cheapest variant, as the sort by price. Amounts of two currencies can't be compared. */
function priceWithin({ min, max }: MoneyRange): Prisma.Sql[] {
  const bounds = [
    min && { side: Prisma.sql`>=`, ...parseMoney(min, 'where.price.min') },
    max && { side: Prisma.sql`<=`, ...parseMoney(max, 'where.price.max') },
  ].filter((bound) => bound != null);
  return bounds.map(
    ({ side, minorUnits, currencyCode }) =>
      Prisma.sql`(p.min_price_amount ${side} ${minorUnits} AND p.currency_code = ${currencyCode})`,
  );
}

function isAvailable(available: boolean): Prisma.Sql {
  const some = Prisma.sql`EXISTS (SELECT FROM product_variants v WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id
    AND (v.available > 0 OR v.inventory_policy = 'CONTINUE'))`;
  return available ? some : Prisma.sql`NOT ${some}`;
}

/** One variant that has all of them. */
function hasOptions(optionValues: OptionValueInput[]): Prisma.Sql {
  const wanted = optionValues.map(({ option, value }) => ({ option, value }));
  if (wanted.length > MOST_VALUES) throw badUserInput('where.optionValues', `at most ${MOST_VALUES} values`);
  return Prisma.sql`EXISTS (SELECT FROM product_variants v WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id
    AND v.option_values @> ${JSON.stringify(wanted)}::jsonb)`;
}

function within(column: Prisma.Sql, range: DateTimeRange | null | undefined): Prisma.Sql[] {
  return [
    ...(range?.from ? [Prisma.sql`${column} >= ${range.from}::timestamptz`] : []),
    ...(range?.to ? [Prisma.sql`${column} < ${range.to}::timestamptz`] : []),
  ];
}
