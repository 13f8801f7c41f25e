import { Prisma } from '../generated/prisma/client';

/** For WHERE on `discounts`: it is valid now, by the database's clock, and below its usage limit. */
export const isUsableNow = Prisma.sql`
  starts_at <= now() AND (ends_at IS NULL OR ends_at > now()) AND (usage_limit IS NULL OR usage_limit > uses)`;

/** The buyer who uses a code. */
export interface CodeUser {
  tenantId: string;
  /** Normalized by mailboxKey; null while it is not known. */
  email: string | null;
  /** Clerk user id; null for a guest. */
  customerId: string | null;
}

/** For WHERE on `discounts`: this customer is below the limit per customer. A guest is identified by the e-mail address alone. */
export const isUsableBy = ({ tenantId, email, customerId }: CodeUser): Prisma.Sql => Prisma.sql`
  (usage_limit_per_customer IS NULL OR usage_limit_per_customer > (
    SELECT count(*) FROM discount_redemptions AS used
    WHERE used.tenant_id = ${tenantId} AND used.discount_id = discounts.id
      AND (used.email = ${email} OR used.customer_id = ${customerId})))`;
