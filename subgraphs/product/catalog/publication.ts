import type { Tx } from '../database';
import { Prisma, type Product } from '../generated/prisma/client';
import { IS_ON_SALE, WILL_BE_ON_SALE } from './onSale';

/** A product that becomes ACTIVE for the first time is published now, unless the input has a publishedAt. @param before null for a new product. */
export function publishesNow(
  before: Pick<Product, 'status' | 'publishedAt'> | null,
  { status, publishedAt }: { status?: string | null; publishedAt?: unknown },
): boolean {
  const isFirstTime = before === null || (before.status !== 'ACTIVE' && before.publishedAt === null);
  return status === 'ACTIVE' && isFirstTime && publishedAt === undefined;
}

/**
 * For FROM: the rows to be written, as `p`, with their published_at. The time is the database's, which also decides what shoppers
 * see. It is truncated to the column's precision: rounding could give a time in the future.
 * @param given rows that have "publishedAt" and "publishesNow".
 */
export const withPublication = (given: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  SELECT *, CASE WHEN "publishesNow" THEN date_trunc('milliseconds', now()) ELSE "publishedAt" END AS published_at FROM ${given}
) AS p`;

/** The value of is_announced for a product `p`: true when it is on sale, because the change itself then writes the event. */
export const IS_ANNOUNCED = Prisma.sql`coalesce(${IS_ON_SALE}, false)`;

/**
 * The end of a WITH clause that has `written` products: stores the planned publications, whose events are due later, although
 * nobody changes the product then.
 */
export const planPublications = (tenantId: string): Prisma.Sql => Prisma.sql`
  planned AS (
    INSERT INTO product_publications (tenant_id, product_id, due_at)
    SELECT ${tenantId}, p.id, p.published_at FROM written p WHERE ${WILL_BE_ON_SALE}
    ON CONFLICT (tenant_id, product_id) DO UPDATE SET due_at = excluded.due_at
  ), dropped AS (
    DELETE FROM product_publications
    WHERE tenant_id = ${tenantId} AND product_id IN (SELECT p.id FROM written p WHERE NOT coalesce(${WILL_BE_ON_SALE}, false))
  )`;

/** Updates is_announced after a change that did not touch the product's own row. @returns whether shoppers see the product only now. */
export async function announcePublication(tx: Tx, tenantId: string, id: string): Promise<boolean> {
  const [product] = await tx.$queryRaw<{ isPublished: boolean }[]>`
    WITH written AS (
      UPDATE products p SET is_announced = ${IS_ANNOUNCED} WHERE tenant_id = ${tenantId} AND id = ${id}
      RETURNING id, status, published_at, new.is_announced AND NOT old.is_announced AS "isPublished"
    ), ${planPublications(tenantId)}
    SELECT "isPublished" FROM written`;
  return product?.isPublished ?? false;
}
