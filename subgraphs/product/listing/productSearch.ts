import { badUserInput } from '../../shared/errors';
import { Prisma } from '../generated/prisma/client';

const MAX_CHARACTERS = 200;

export interface ProductSearch {
  /** Joins the found products `p` with their `hit.rank`; a higher rank is a better match. */
  join: Prisma.Sql;
}

/** An SKU begins with the query: the best of hits when that looks like a code, and else the last. */
const beginsAnSku = (query: string): number => (/\d/.test(query) ? 1_000_000 : 0);
const IS_A_CODE = 2_000_000;

/**
 * Finds products that contain all words of the query, also as prefixes; ranked behind them, those whose words contain these: compounds, and
 * scripts without spaces. If nothing matches, finds words of similar spelling. Always finds products with a variant whose SKU begins with
 * the query, or whose barcode is the query, regardless of case, spaces and hyphens. Clients can't use the operators of PostgreSQL's full
 * text search: the database's function search_query() splits the query into words.
 *
 * @returns null for an empty query.
 */
export function productSearch(tenantId: string, text: string | null | undefined): ProductSearch | null {
  const query = text ?? '';
  if (query.length > MAX_CHARACTERS) throw badUserInput('query', `at most ${MAX_CHARACTERS} characters`);
  if (query === '') return null;
  const ofStore = Prisma.sql`d.tenant_id = ${tenantId}`;
  const ofVariant = Prisma.sql`v.tenant_id = ${tenantId}`;
  const code = Prisma.sql`lower(${query}::text)`;
  // Two letters are within too many words: they have to begin one. One character of Chinese has three bytes.
  const join = Prisma.sql`JOIN (
      WITH asked AS MATERIALIZED (
        SELECT search_query(${query}, search_language(${tenantId})) AS query, words, (
          SELECT array_agg(CASE WHEN octet_length(word) < 3 THEN '% ' ELSE '%' END || word || '%') FROM unnest(words) AS word) AS parts
        FROM search_words(${query}) AS words),
      coded AS MATERIALIZED (
        SELECT v.product_id, CASE WHEN v.sku_key = ${code} THEN ${IS_A_CODE}::int ELSE ${beginsAnSku(query)}::int END AS rank
        FROM product_variants v WHERE ${ofVariant} AND v.sku_key >= ${code} AND v.sku_key < ${code} || chr(1114111)
        UNION ALL SELECT v.product_id, ${IS_A_CODE}::int
        FROM product_variants v WHERE ${ofVariant} AND v.barcode_key = nullif(translate(${code}, ' -', ''), '')),
      worded AS MATERIALIZED (
        SELECT d.product_id, CASE WHEN d.document @@ asked.query THEN 1000 + (ts_rank(d.document, asked.query) * 1000000)::int
          ELSE (search_likeness(asked.words, d.words) * 1000)::int END AS rank
        FROM product_search d, asked
        WHERE ${ofStore} AND (d.document @@ asked.query OR ' ' || d.words LIKE ALL (asked.parts))),
      alike AS (
        SELECT d.product_id, (search_likeness(asked.words, d.words) * 1000)::int AS rank
        FROM product_search d, asked
        WHERE ${ofStore} AND NOT EXISTS (SELECT FROM worded) AND NOT EXISTS (SELECT FROM coded)
          AND search_likeness(asked.words, d.words) >= 0.45)
      SELECT product_id, max(rank) AS rank
      FROM (SELECT * FROM worded UNION ALL SELECT * FROM alike UNION ALL SELECT * FROM coded) AS found
      GROUP BY product_id
    ) AS hit ON hit.product_id = p.id`;
  return { join };
}
