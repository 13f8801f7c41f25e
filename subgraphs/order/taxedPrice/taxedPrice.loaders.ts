import { Prisma } from '../generated/prisma/client';
import { loader } from '../loader';
import { storedTaxRates } from '../pricing/storedTaxRates';
import { type Destination, provinceFaultOf, type RateOfPlace, ratesByClass } from '../pricing/taxPlace';
import type { TaxAtPlace } from './taxedPrice';

interface TaxRow {
  pricesIncludeTax: boolean;
  storeCountry: string | null;
  /** Of all countries that are asked for, and of the store's. */
  rates: (RateOfPlace & { countryCode: string })[] | null;
}

/**
 * By the JSON of a Destination, or of null for where the store is established. Null where the tax can't be told. One statement, however many
 * places are asked for.
 */
export const taxAtPlace = loader<TaxAtPlace | null>(async ({ db, tenantId }, places) => {
  const asked = places.map((place) => JSON.parse(place) as Destination | null);
  const countries = asked.flatMap((place) => place?.countryCode ?? []);
  const [row] = await db.$queryRaw<TaxRow[]>`
    SELECT coalesce(prices_include_tax, false) AS "pricesIncludeTax", country_code AS "storeCountry",
      ${storedTaxRates(tenantId, Prisma.sql`ANY (${countries}::text[] || tax_settings.country_code)`)} AS rates
    FROM (SELECT ${tenantId} AS tenant_id) AS own LEFT JOIN tax_settings USING (tenant_id)`;
  if (!row) throw new Error('A LEFT JOIN of one row has one row');
  const { pricesIncludeTax, storeCountry } = row;
  return asked.map((destination) => {
    const place = destination ?? (storeCountry === null ? null : { countryCode: storeCountry });
    if (!place) return null;
    const rates = (row.rates ?? []).filter(({ countryCode }) => countryCode === place.countryCode);
    return provinceFaultOf(rates, place) ? null : { rates: ratesByClass(rates, place), pricesIncludeTax };
  });
});
