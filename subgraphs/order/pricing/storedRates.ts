import { Prisma } from '../generated/prisma/client';
import type { ShippingRate } from './shipping';

/** A shipping rate as JSON, which has amounts as texts. */
export type StoredRate = Omit<ShippingRate, 'price' | 'freeFrom' | 'tiers'> & {
  /** Whether it is offered only while the store's hook for rates does not answer. */
  isFallback: boolean;
  price: string;
  freeFrom: string | null;
  tiers: OrderJson.ShippingTiers;
};

/** An expression: a store's rates of the zones that a country may be in, and those of pickup, as an array of StoredRate; null when there are none. */
export const storedRates = (tenantId: string, countryCode: string | null) => Prisma.sql`(
  SELECT jsonb_agg(jsonb_build_object('id', rate.id, 'name', rate.name, 'locations', zone.locations, 'currencyCode', currency_code,
    'price', price_amount::text, 'measure', measure, 'tiers', tiers, 'freeFrom', free_from_amount::text,
    'minDays', min_days, 'maxDays', max_days, 'pickup', pickup,
    'excludedProductIds', excluded_product_ids, 'isFallback', is_fallback) ORDER BY rate.id)
  FROM shipping_rates AS rate LEFT JOIN shipping_zones AS zone ON zone.tenant_id = rate.tenant_id AND zone.id = rate.zone_id
  WHERE rate.tenant_id = ${tenantId} AND (pickup IS NOT NULL OR zone.locations = '[]'
    OR zone.locations @> jsonb_build_array(jsonb_build_object('countryCode', ${countryCode}::text))))`;

export const toRate = ({ isFallback, ...rate }: StoredRate): ShippingRate => ({
  ...rate,
  price: BigInt(rate.price),
  freeFrom: rate.freeFrom === null ? null : BigInt(rate.freeFrom),
  tiers: rate.tiers.map(({ from, price }) => ({ from: BigInt(from), price: price === null ? null : BigInt(price) })),
});
