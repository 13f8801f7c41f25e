import type { Tx } from '../database';

interface Priced {
  priceAmount: bigint;
  currencyCode: string;
}

/** What lists sort and filter by, kept with the product. Of one variant at least. */
export function priceRangeOf(variants: Priced[]) {
  const [first, ...others] = variants;
  if (!first) throw new Error('A product has no variant');
  let [minPriceAmount, maxPriceAmount] = [first.priceAmount, first.priceAmount];
  for (const { priceAmount } of others) {
    if (priceAmount < minPriceAmount) minPriceAmount = priceAmount;
    if (priceAmount > maxPriceAmount) maxPriceAmount = priceAmount;
  }
  return { minPriceAmount, maxPriceAmount, currencyCode: first.currencyCode };
}

/** In the transaction of every change of a product's variants. */
export async function refreshPriceRange(tx: Tx, tenantId: string, productId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE products SET min_price_amount = lowest, max_price_amount = highest, currency_code = currency
    FROM (SELECT min(price_amount) AS lowest, max(price_amount) AS highest, min(currency_code) AS currency
          FROM product_variants WHERE tenant_id = ${tenantId} AND product_id = ${productId}) AS prices
    WHERE tenant_id = ${tenantId} AND id = ${productId} AND lowest IS NOT NULL`;
}
