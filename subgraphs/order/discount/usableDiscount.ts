import { Prisma } from '../generated/prisma/client';

/** For WHERE on `discounts`: by the database's clock it may be used now, and not as often as it may has it been used. */
export const isUsableNow = Prisma.sql`
  starts_at <= now() AND (ends_at IS NULL OR ends_at > now()) AND (usage_limit IS NULL OR usage_limit > uses)`;

/** Who uses a code. */
export interface CodeUser {
  tenantId: string;
  /** As emailKey has it; null while it is not known. */
  email: string | null;
  /** Clerk user id; null for a guest. */
  customerId: string | null;
}

/** For WHERE on `discounts`: this customer has not used it as often as one may. A guest is known by nothing but the e-mail address. */
export const isUsableBy = ({ tenantId, email, customerId }: CodeUser): Prisma.Sql => Prisma.sql`
  (usage_limit_per_customer IS NULL OR usage_limit_per_customer > (
    SELECT count(*) FROM discount_redemptions AS used
    WHERE used.tenant_id = ${tenantId} AND used.discount_id = discounts.id
      AND (used.email = ${email} OR used.customer_id = ${customerId})))`;
