import type { CallerContext } from '../../shared/callerContext';
import { badUserInput } from '../../shared/errors';
import { parseMoney } from '../../shared/money';
import { IS_ON_SALE } from '../catalog/onSale';
import { seesEverything } from '../catalog/visibility';
import { Prisma } from '../generated/prisma/client';
import type { DateTimeRange, MoneyRange, OptionValueInput, ProductFilter } from '../generated/resolvers';
import { CAN_BE_BOUGHT } from '../inventory/availability';

/** The most values of a condition, since each value is compared with every product. */
const MAX_VALUES = 100;

/** The facets that products are counted by; see facetsStatement. */
export type Facet = 'category' | 'vendor' | 'productType' | 'tag' | 'price' | 'option';

export interface ProductConditions {
  /** Conditions on each product `p` that always apply: its store, its visibility, and filters that are no facet. */
  base: Prisma.Sql[];
  /** By facet: the condition on each product `p` that this facet's counts ignore. */
  byFacet: Partial<Record<Facet, Prisma.Sql>>;
  /** By option name: the condition on a variant `v`, that it has one of the requested values. One variant must match all of them. */
  options: Map<string, Prisma.Sql>;
}

/** The conditions on a list's products `p`: the caller's store, the caller's visibility, and the client's filter. */
export function productConditions(ctx: CallerContext, where: ProductFilter | null | undefined): ProductConditions {
  const { tenantId } = ctx;
  const base = [Prisma.sql`p.tenant_id = ${tenantId}`];
  if (!seesEverything(ctx)) base.push(IS_ON_SALE);
  if (!where) return { base, byFacet: {}, options: new Map() };

  const { ids, statuses, categoryId, includeDescendants, tags, vendors, productTypes, price, availableForSale } = where;
  if (ids) base.push(Prisma.sql`p.id = ANY (${conditionValues('ids', ids)}::text[])`);
  if (statuses)
    base.push(Prisma.sql`p.status = ANY (${conditionValues('statuses', statuses)}::text[]::"ProductStatus"[])`);
  if (availableForSale != null) base.push(isAvailable(availableForSale));
  base.push(...within(Prisma.sql`p.created_at`, where.createdAt), ...within(Prisma.sql`p.updated_at`, where.updatedAt));
  const options = optionConditions(where.optionValues ?? []);
  return {
    base,
    options,
    byFacet: {
      ...(categoryId && { category: inCategory(tenantId, categoryId, includeDescendants) }),
      ...(tags && { tag: Prisma.sql`p.tags && ${conditionValues('tags', tags)}::text[]` }),
      ...(vendors && { vendor: Prisma.sql`p.vendor = ANY (${conditionValues('vendors', vendors)}::text[])` }),
      ...(productTypes && {
        productType: Prisma.sql`p.product_type = ANY (${conditionValues('productTypes', productTypes)}::text[])`,
      }),
      ...((price?.min || price?.max) && { price: priceWithin(price) }),
      ...(options.size > 0 && { option: someVariant([...options.values()]) }),
    },
  };
}

/** A condition's values without repeats. @throws GraphQLError BAD_USER_INPUT when there are too many. */
export function conditionValues<Value extends string>(field: string, values: readonly Value[]): Value[] {
  if (values.length > MAX_VALUES) throw badUserInput(`where.${field}`, `at most ${MAX_VALUES} values`);
  return [...new Set(values)];
}

/** A product `p` in the category or, on request, in one of its descendants. The tree is read once for the statement, not for each product. */
function inCategory(tenantId: string, categoryId: string, includeDescendants: boolean): Prisma.Sql {
  if (!includeDescendants) return inCategories(tenantId, Prisma.sql`${[categoryId]}::text[]`);
  return inCategories(
    tenantId,
    Prisma.sql`ARRAY(
      WITH RECURSIVE tree AS (
        SELECT ${categoryId}::text AS id
        UNION SELECT c.id FROM categories c JOIN tree ON c.parent_id = tree.id WHERE c.tenant_id = ${tenantId})
      SELECT id FROM tree)`,
  );
}

/** A product `p` that is assigned to one of these categories. @param categoryIds a text[]. */
export const inCategories = (tenantId: string, categoryIds: Prisma.Sql): Prisma.Sql => Prisma.sql`
  EXISTS (SELECT FROM product_categories c
    WHERE c.tenant_id = ${tenantId} AND c.product_id = p.id AND c.category_id = ANY (${categoryIds}))`;

/** A product `p` that has a variant `v` matching all conditions. */
const someVariant = (conditions: Prisma.Sql[]): Prisma.Sql => Prisma.sql`
  EXISTS (SELECT FROM product_variants v
    WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id AND ${Prisma.join(conditions, ' AND ')})`;

/**
 * A product `p` with a variant whose price is within the range. One bound can be compared with the product's own price range. Two
 * bounds can't: one variant may cost less and another more, so the variants of products with an overlapping range are compared as
 * well. Amounts in another currency are outside the range.
 */
function priceWithin(range: MoneyRange): Prisma.Sql {
  const min = range.min && parseMoney(range.min, 'where.price.min');
  const max = range.max && parseMoney(range.max, 'where.price.max');
  const bounds = [
    ...(min ? [Prisma.sql`p.max_price_amount >= ${min.minorUnits} AND p.currency_code = ${min.currencyCode}`] : []),
    ...(max ? [Prisma.sql`p.min_price_amount <= ${max.minorUnits} AND p.currency_code = ${max.currencyCode}`] : []),
    ...(min && max ? [someVariant([Prisma.sql`v.price_amount BETWEEN ${min.minorUnits} AND ${max.minorUnits}`])] : []),
  ];
  return Prisma.sql`(${Prisma.join(bounds, ' AND ')})`;
}

function isAvailable(available: boolean): Prisma.Sql {
  const some = someVariant([CAN_BE_BOUGHT]);
  return available ? some : Prisma.sql`NOT ${some}`;
}

function optionConditions(optionValues: OptionValueInput[]): ProductConditions['options'] {
  if (optionValues.length > MAX_VALUES) throw badUserInput('where.optionValues', `at most ${MAX_VALUES} values`);
  const wanted = new Map<string, string[]>();
  for (const { option, value } of optionValues) {
    wanted.set(option, [...(wanted.get(option) ?? []), JSON.stringify([{ option, value }])]);
  }
  return new Map(
    [...wanted].map(([option, values]) => [option, Prisma.sql`v.option_values @> ANY (${values}::text[]::jsonb[])`]),
  );
}

function within(column: Prisma.Sql, range: DateTimeRange | null | undefined): Prisma.Sql[] {
  return [
    ...(range?.from ? [Prisma.sql`${column} >= ${range.from}::timestamptz`] : []),
    ...(range?.to ? [Prisma.sql`${column} < ${range.to}::timestamptz`] : []),
  ];
}
