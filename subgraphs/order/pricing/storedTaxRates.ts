import { Prisma } from '../generated/prisma/client';

/** An expression: a store's tax rates of a country, or of `ANY (…)` of some, as an array of RateOfPlace with its countryCode; null when there are none. */
export const storedTaxRates = (tenantId: string, country: Prisma.Sql) => Prisma.sql`(
  SELECT jsonb_agg(jsonb_build_object('countryCode', tax_rates.country_code, 'name', name, 'province', province, 'postalCodes', postal_codes,
    'taxClass', tax_class, 'rate', rate, 'priority', priority, 'isCompound', is_compound, 'appliesToShipping', applies_to_shipping) ORDER BY id)
  FROM tax_rates WHERE tax_rates.tenant_id = ${tenantId} AND tax_rates.country_code = ${country})`;
