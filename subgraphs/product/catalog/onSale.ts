import { Prisma } from '../generated/prisma/client';

// Shoppers see a product while it is ACTIVE and its publishedAt is not in the future by the database's clock. Prisma's filters can't
// call now(), so they join the view products_on_sale, which states the rule in SQL; onSale.int.test.ts holds the two equal.

/** As a Prisma filter of products. */
export const ON_SALE = { onSale: { isNot: null } } as const;

/** As SQL, for a product `p`. Lists use it: a join with the view would keep the planner from their sort's index. */
export const IS_ON_SALE = Prisma.sql`(p.status = 'ACTIVE' AND p.published_at <= now())`;

/** As SQL: a product `p` that will be on sale at its publishedAt, without any further change. */
export const WILL_BE_ON_SALE = Prisma.sql`(p.status = 'ACTIVE' AND p.published_at > now())`;
