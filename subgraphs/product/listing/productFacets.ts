import { formatMoney } from '../../shared/money';
import type { Context } from '../context';
import { type Category, Prisma } from '../generated/prisma/client';
import type { FacetValue, OptionFacet, PriceFacet } from '../generated/resolvers';

/** The most values that one facet shows: those of the most products. */
const MOST_VALUES = 100;

/** What the SDL's ProductFacets is resolved from. */
export interface Facets {
  categories: { category: Category; count: number }[];
  vendors: FacetValue[];
  productTypes: FacetValue[];
  tags: FacetValue[];
  options: OptionFacet[];
  prices: PriceFacet[];
}

interface Counted {
  facet: 'category' | 'vendor' | 'productType' | 'tag' | 'option' | 'price';
  /** Of an option, its name; of a price, its currency. */
  name: string;
  value: string;
  count: number;
  min: bigint | null;
  max: bigint | null;
}

/** What the products of a list have, and how many of them. Of what the caller may see alone: it is the list that is counted. */
export async function loadFacets(ctx: Context, from: Prisma.Sql): Promise<Facets> {
  const rows = await ctx.db.$queryRaw<Counted[]>(facetsStatement(ctx.tenantId, from));
  const of = (facet: Counted['facet']) => rows.filter((row) => row.facet === facet);
  const values = (counted: Counted[]) => counted.map(({ value, count }) => ({ value, count }));
  const categories = await Promise.all(
    of('category').map(async ({ value, count }) => ({ count, category: await ctx.loaders.categoryById.load(value) })),
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

/** One statement, in which the list's products are found once. */
export function facetsStatement(tenantId: string, from: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    WITH listed AS MATERIALIZED (
      SELECT p.id, p.vendor, p.product_type, p.tags, p.currency_code, p.min_price_amount, p.max_price_amount ${from}
    ), counted AS (
      SELECT 'category' AS facet, '' AS name, c.category_id AS value, count(*)::int AS count
      FROM listed JOIN product_categories c ON c.tenant_id = ${tenantId} AND c.product_id = listed.id GROUP BY 3
      UNION ALL SELECT 'vendor', '', vendor, count(*)::int FROM listed WHERE vendor <> '' GROUP BY 3
      UNION ALL SELECT 'productType', '', product_type, count(*)::int FROM listed WHERE product_type <> '' GROUP BY 3
      UNION ALL SELECT 'tag', '', tag, count(*)::int FROM listed, unnest(tags) AS tag GROUP BY 3
      UNION ALL SELECT 'option', has.option, has.value, count(DISTINCT listed.id)::int
      FROM listed JOIN product_variants v ON v.tenant_id = ${tenantId} AND v.product_id = listed.id,
        jsonb_to_recordset(v.option_values) AS has (option text, value text) GROUP BY 2, 3
    ), ranked AS (
      SELECT *, row_number() OVER (PARTITION BY facet, name ORDER BY count DESC, value) AS place FROM counted
    )
    SELECT facet, name, value, count, NULL::bigint AS min, NULL::bigint AS max FROM ranked WHERE place <= ${MOST_VALUES}
    UNION ALL SELECT 'price', currency_code, '', count(*)::int, min(min_price_amount), max(max_price_amount)
    FROM listed GROUP BY currency_code
    ORDER BY facet, name, count DESC, value`;
}
