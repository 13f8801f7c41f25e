import { badUserInput } from '../../shared/errors';
import { Prisma } from '../generated/prisma/client';

const MAX_CHARACTERS = 200;

export interface ProductSearch {
  /** Joins the found products `p` with their `hit.rank`; a higher rank is a better match. */
  join: Prisma.Sql;
}

/**
 * Finds products that contain all words of the query, also as prefixes, or that have a variant with the query as its SKU or barcode.
 * If nothing matches, finds words of similar spelling. Clients can't use the operators of PostgreSQL's full text search: the
 * database's function search_query() splits the query into words.
 *
 * @returns null for an empty query.
 */
export function productSearch(tenantId: string, text: string | null | undefined): ProductSearch | null {
  const query = text?.trim() ?? '';
  if (query.length > MAX_CHARACTERS) throw badUserInput('query', `at most ${MAX_CHARACTERS} characters`);
  if (query === '') return null;
  const ofStore = Prisma.sql`d.tenant_id = ${tenantId}`;
  const join = Prisma.sql`JOIN (
      WITH asked AS MATERIALIZED (SELECT search_query(${query}, search_language(${tenantId})) AS query, search_words(${query}) AS words),
      coded AS MATERIALIZED (
        SELECT v.product_id FROM product_variants v WHERE v.tenant_id = ${tenantId} AND v.sku = ${query}
        UNION SELECT v.product_id FROM product_variants v WHERE v.tenant_id = ${tenantId} AND v.barcode = ${query}),
      exact AS MATERIALIZED (
        SELECT d.product_id, (ts_rank(d.document, asked.query) * 1000000)::int AS rank
        FROM product_search d, asked WHERE ${ofStore} AND d.document @@ asked.query),
      alike AS (
        SELECT d.product_id, (search_likeness(asked.words, d.words) * 1000)::int AS rank
        FROM product_search d, asked
        WHERE ${ofStore} AND NOT EXISTS (SELECT FROM exact) AND NOT EXISTS (SELECT FROM coded)
          AND search_likeness(asked.words, d.words) >= 0.45)
      SELECT product_id, max(rank) AS rank
      FROM (SELECT * FROM exact UNION ALL SELECT * FROM alike UNION ALL SELECT product_id, 2000000 FROM coded) AS found
      GROUP BY product_id
    ) AS hit ON hit.product_id = p.id`;
  return { join };
}
