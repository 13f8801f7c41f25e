import { type PaymentMethod, type PaymentMethodKind, Prisma } from '../generated/prisma/client';
import type { MethodLimits } from './fitsOrder';

/** What an order's pricing needs of its payment method. */
export type OrderMethod = Pick<PaymentMethod, 'kind' | 'holdHours'> & MethodLimits;

/** An {@link OrderMethod}, in a SELECT from payment_methods AS method. */
export const METHOD_COLUMNS = Prisma.sql`
  method.kind, method.hold_hours AS "holdHours", method.country_codes AS "countryCodes", method.currency_codes AS "currencyCodes",
  method.minimum_total_amount AS "minimumTotalAmount", method.maximum_total_amount AS "maximumTotalAmount",
  method.total_currency_code AS "totalCurrencyCode"`;

interface UsableMethod {
  tenantId: string;
  id: string | null;
  /** That this installation has a provider for. */
  kinds: PaymentMethodKind[];
  /** Null for an order without an address. */
  countryCode: string | null;
}

/** The SELECT of a method that an order to this country can be placed with, before its price is known; without a row there is none. */
export const usableMethod = ({ tenantId, id, kinds, countryCode }: UsableMethod): Prisma.Sql => Prisma.sql`
  SELECT * FROM payment_methods
  WHERE tenant_id = ${tenantId} AND id = ${id} AND is_active AND kind::text = ANY (${kinds}::text[])
    AND (country_codes = '{}' OR ${countryCode}::text IS NULL OR ${countryCode} = ANY (country_codes))
    AND (kind <> 'STRIPE' OR EXISTS (
      SELECT FROM payment_settings WHERE tenant_id = ${tenantId} AND stripe_account_id IS NOT NULL))`;
