import { formatMoney } from '../../shared/money';

interface Compared {
  compareAtPriceAmount: bigint | null;
  currencyCode: string;
}

/** Of the variants that are reduced; null when none is. All of a product's are priced in one currency. */
export function compareAtPriceRange(variants: readonly Compared[]) {
  const reduced = variants.flatMap(({ compareAtPriceAmount: minorUnits, currencyCode }) =>
    minorUnits === null ? [] : [{ minorUnits, currencyCode }],
  );
  const sorted = reduced.sort((one, other) => Number(one.minorUnits - other.minorUnits));
  const [min, max] = [sorted.at(0), sorted.at(-1)];
  return min && max ? { min: formatMoney(min), max: formatMoney(max) } : null;
}
