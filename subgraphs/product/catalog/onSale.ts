import { Prisma } from '../generated/prisma/client';

// A product is on sale, and shoppers see it, while it is ACTIVE and its publication is not in the future by the database's clock.
// The view products_on_sale says the same to Prisma's filters; visibility.int.test.ts compares the ways to a product.

/** Of products, as a filter of Prisma's. */
export const ON_SALE = { onSale: { isNot: null } } as const;

/** Of a product `p` in a statement. A join with the view would keep a list from reading its sort's index. */
export const IS_ON_SALE = Prisma.sql`(p.status = 'ACTIVE' AND p.published_at <= now())`;

/** Of a product `p` that comes on sale by itself at its publishedAt. */
export const WILL_BE_ON_SALE = Prisma.sql`(p.status = 'ACTIVE' AND p.published_at > now())`;
