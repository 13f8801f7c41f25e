interface Priced {
  priceAmount: bigint;
  currencyCode: string;
}

/** The columns by which lists sort and filter, stored in the product's row. @param variants at least one. */
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
