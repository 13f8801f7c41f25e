import { formatMoney } from '../../shared/money';
import { categoryById } from '../category/category.loaders';
import type { Context } from '../context';
import { type Category, Prisma } from '../generated/prisma/client';
import type { FacetValue, OptionFacet, PriceFacet } from '../generated/resolvers';
import type { Facet, ProductConditions } from './productFilter';

/** The most values of a facet: those that most products have. */
const MAX_VALUES = 100;

/** What the SDL's ProductFacets is resolved from. */
export interface Facets {
  categories: { category: Category; count: number }[];
  vendors: FacetValue[];
  productTypes: FacetValue[];
  tags: FacetValue[];
  options: OptionFacet[];
  prices: PriceFacet[];
}

export interface Counted {
  facet: Facet;
  /** The option's name, or the price's currency. */
  name: string;
  value: string;
  count: number;
  min: bigint | null;
  max: bigint | null;
}

/** Maps the rows of {@link facetsStatement} to the SDL's type. */
export async function toFacets(ctx: Context, rows: Counted[]): Promise<Facets> {
  const of = (facet: Counted['facet']) => rows.filter((row) => row.facet === facet);
  const values = (counted: Counted[]) => counted.map(({ value, count }) => ({ value, count }));
  const categories = await Promise.all(
    of('category').map(async ({ value, count }) => ({ count, category: await categoryById(ctx).load(value) })),
  );
  const options = [...new Set(of('option').map(({ name }) => name))];
  return {
    categories: categories.flatMap(({ category, count }) => (category ? { category, count } : [])),
    vendors: values(of('vendor')),
    productTypes: values(of('productType')),
    tags: values(of('tag')),
    options: options.map((option) => ({ option, values: values(of('option').filter(({ name }) => name === option)) })),
    prices: of('price').map(({ name: currencyCode, count, min, max }) => ({
      count,
      min: formatMoney({ minorUnits: min ?? 0n, currencyCode }),
      max: formatMoney({ minorUnits: max ?? 0n, currencyCode }),
    })),
  };
}

/** The list whose products are counted. */
export interface FacetsSource extends ProductConditions {
  /** `FROM products p …`, without conditions. */
  from: Prisma.Sql;
}

/**
 * Counts the facet values of a list's products in one statement, which finds these products once. A facet ignores the list's own
 * condition on it: a shopper who has chosen a vendor sees how many products the other vendors have. An option's values are counted
 * over variants that match the conditions on the other options. All other conditions of the list apply.
 */
export function facetsStatement(tenantId: string, { from, base, byFacet, options }: FacetsSource): Prisma.Sql {
  const conditions = Object.entries(byFacet) as [Facet, Prisma.Sql][];
  const flags = conditions.map(([facet, condition]) => Prisma.sql`, (${condition}) AS ${flagOf(facet)}`);
  const without = (facet: Facet | null) =>
    allOf(conditions.flatMap(([other]) => (other === facet ? [] : [flagOf(other)])));
  const optionsBut = (option: string | null) =>
    allOf([...options].flatMap(([other, condition]) => (other === option ? [] : [condition])));
  const exceptions = [...options.keys()].map((option) => Prisma.sql`WHEN ${option} THEN ${optionsBut(option)}`);
  const variantFits =
    exceptions.length > 0
      ? Prisma.sql`CASE has.option ${Prisma.join(exceptions, ' ')} ELSE ${optionsBut(null)} END`
      : Prisma.sql`true`;
  return Prisma.sql`
    WITH listed AS MATERIALIZED (
      SELECT p.id, p.vendor, p.product_type, p.tags, p.currency_code, p.min_price_amount, p.max_price_amount
        ${flags.length > 0 ? Prisma.join(flags, '') : Prisma.empty}
      ${from} WHERE ${allOf(base)}
    ), counted AS (
      SELECT 'category' AS facet, '' AS name, c.category_id AS value, count(*)::int AS count
      FROM listed JOIN product_categories c ON c.tenant_id = ${tenantId} AND c.product_id = listed.id
      WHERE ${without('category')} GROUP BY 3
      UNION ALL SELECT 'vendor', '', vendor, count(*)::int FROM listed WHERE vendor <> '' AND ${without('vendor')} GROUP BY 3
      UNION ALL SELECT 'productType', '', product_type, count(*)::int FROM listed
      WHERE product_type <> '' AND ${without('productType')} GROUP BY 3
      UNION ALL SELECT 'tag', '', tag, count(*)::int FROM listed, unnest(tags) AS tag WHERE ${without('tag')} GROUP BY 3
      UNION ALL SELECT 'option', has.option, has.value, count(DISTINCT listed.id)::int
      FROM listed JOIN product_variants v ON v.tenant_id = ${tenantId} AND v.product_id = listed.id,
        jsonb_to_recordset(v.option_values) AS has (option text, value text)
      WHERE ${without('option')} AND ${variantFits} GROUP BY 2, 3
    ), ranked AS (
      SELECT *, row_number() OVER (PARTITION BY facet, name ORDER BY count DESC, value) AS place FROM counted
    )
    SELECT facet, name, value, count, NULL::bigint AS min, NULL::bigint AS max FROM ranked WHERE place <= ${MAX_VALUES}
    UNION ALL SELECT 'price', currency_code, '', count(*)::int, min(min_price_amount), max(max_price_amount)
    FROM listed WHERE ${without('price')} GROUP BY currency_code
    ORDER BY facet, name, count DESC, value`;
}

const FLAGS: Record<Facet, Prisma.Sql> = {
  category: Prisma.raw('in_category'),
  vendor: Prisma.raw('by_vendor'),
  productType: Prisma.raw('of_type'),
  tag: Prisma.raw('has_tag'),
  price: Prisma.raw('in_range'),
  option: Prisma.raw('has_options'),
};
const flagOf = (facet: Facet): Prisma.Sql => FLAGS[facet];

const allOf = (conditions: Prisma.Sql[]): Prisma.Sql =>
  conditions.length > 0 ? Prisma.join(conditions, ' AND ') : Prisma.sql`true`;
