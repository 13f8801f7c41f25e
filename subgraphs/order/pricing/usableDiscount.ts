import { Prisma } from '../generated/prisma/client';

/** For WHERE on `discounts`: it is valid now, by the database's clock, and below its usage limit. */
export const isUsableNow = Prisma.sql`
  discounts.starts_at <= now() AND (discounts.ends_at IS NULL OR discounts.ends_at > now())
  AND (discounts.usage_limit IS NULL OR discounts.usage_limit > discounts.uses)`;

/** The buyer who uses a code. */
export interface CodeUser {
  tenantId: string;
  /** Normalized by mailboxKey; null while it is not known. */
  email: string | null;
  /** Clerk user id; null for a guest. */
  customerId: string | null;
}

/** For WHERE on `discounts`: it is for everybody, or for a customer with one of its tags. @param key see buyerKey. */
export const isForCustomer = (tenantId: string, key: string | null): Prisma.Sql => Prisma.sql`
  (discounts.customer_tags = '{}' OR EXISTS (
    SELECT FROM customers WHERE customers.tenant_id = ${tenantId} AND customers.buyer_key = ${key} AND customers.tags && discounts.customer_tags))`;

/** For WHERE on `discounts`: this customer is below the limit per customer. A guest is identified by the e-mail address alone. */
export const isUsableBy = ({ tenantId, email, customerId }: CodeUser): Prisma.Sql => Prisma.sql`
  (discounts.usage_limit_per_customer IS NULL OR discounts.usage_limit_per_customer > (
    SELECT count(*) FROM discount_redemptions AS used
    WHERE used.tenant_id = ${tenantId} AND used.discount_id = discounts.id
      AND (used.email = ${email} OR used.customer_id = ${customerId})))`;

/** For WHERE on `discount_codes AS named`: this code is below its own usage limit. */
export const isCodeUsable = Prisma.sql`(named.usage_limit IS NULL OR named.usage_limit > named.uses)`;
