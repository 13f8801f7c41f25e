import type { Tx } from '../database';
import { Prisma, type Product } from '../generated/prisma/client';
import { IS_ON_SALE, WILL_BE_ON_SALE } from './onSale';

/** ACTIVE for the first time publishes at once, unless the input says otherwise. @param before null for a new product. */
export function publishesNow(
  before: Pick<Product, 'status' | 'publishedAt'> | null,
  { status, publishedAt }: { status?: string | null; publishedAt?: unknown },
): boolean {
  const isFirstTime = before === null || (before.status !== 'ACTIVE' && before.publishedAt === null);
  return status === 'ACTIVE' && isFirstTime && publishedAt === undefined;
}

/**
 * For FROM: products to be written, as `p`, with their published_at. By the database's clock, which also decides what shoppers see;
 * cut and not rounded to what the column holds: never a moment that is still to come.
 * @param given rows that have "publishedAt" and "publishesNow".
 */
export const withPublication = (given: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  SELECT *, CASE WHEN "publishesNow" THEN date_trunc('milliseconds', now()) ELSE "publishedAt" END AS published_at FROM ${given}
) AS p`;

/** For the column is_announced of a product `p`: the statement's caller writes the event of the publication with the change. */
export const IS_ANNOUNCED = Prisma.sql`coalesce(${IS_ON_SALE}, false)`;

/**
 * The end of a WITH that has `written` products: a publication that is planned for a moment to come has to be announced then,
 * although nobody changes anything.
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

/** Keeps it for a product of which only what belongs to it was changed. @returns whether shoppers see it only now. */
export async function announcePublication(tx: Tx, tenantId: string, id: string): Promise<boolean> {
  const [product] = await tx.$queryRaw<{ isPublished: boolean }[]>`
    WITH written AS (
      UPDATE products p SET is_announced = ${IS_ANNOUNCED} WHERE tenant_id = ${tenantId} AND id = ${id}
      RETURNING id, status, published_at, new.is_announced AND NOT old.is_announced AS "isPublished"
    ), ${planPublications(tenantId)}
    SELECT "isPublished" FROM written`;
  return product?.isPublished ?? false;
}
