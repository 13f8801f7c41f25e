import type { LiveVariant } from '../catalog/catalogClient';
import type { Context } from '../context';
import type { CartLine } from '../generated/prisma/client';
import type { CartWarningCode } from '../generated/resolvers';

export interface CartWarning {
  code: CartWarningCode;
  /** Null when it is about the whole cart. */
  lineId: string | null;
  message: string;
}

const CART_WARNINGS = {
  CATALOG_UNAVAILABLE: 'Prices and stock are not known at the moment.',
  CURRENCY_MISMATCH: 'What is in it is priced in several currencies: it can’t be ordered at once.',
  SHIPPING_UNAVAILABLE: 'The store does not ship to this address.',
  SHIPPING_OPTION_REQUIRED: 'There are several ways to ship it: choose one.',
  SHIPPING_OPTION_UNAVAILABLE: 'The chosen shipping option is not offered for it any more: choose another.',
  TAX_UNAVAILABLE: 'The tax can’t be calculated at the moment.',
  PROVINCE_REQUIRED: 'The tax depends on the province or state: name it in the address.',
};

export const cartWarning = (code: keyof typeof CART_WARNINGS): CartWarning => ({
  code,
  lineId: null,
  message: CART_WARNINGS[code],
});

/** The warnings about one line. @param live null when the variant is not on sale. */
export async function lineWarnings(
  ctx: Context,
  { line, live }: { line: CartLine; live: LiveVariant | null },
): Promise<CartWarning[]> {
  const warning = (code: CartWarningCode, message: string) => ({ code, lineId: line.id, message });
  if (!live) return [warning('UNAVAILABLE', 'It is not sold any more.')];
  const { price, availableForSale, maxQuantity } = live;
  const warnings: CartWarning[] = [];
  if (line.seenPriceAmount !== price.minorUnits || line.seenCurrencyCode !== price.currencyCode) {
    warnings.push(warning('PRICE_CHANGED', 'Its price is another than when it was put in: confirm it.'));
  }
  if (!availableForSale) {
    warnings.push(warning('OUT_OF_STOCK', 'It is sold out.'));
  } else if (maxQuantity !== null && maxQuantity < line.quantity) {
    const { showExactStock } = await ctx.storeSettings;
    const message = showExactStock ? `Fewer are left: ${maxQuantity}.` : 'Fewer are left.';
    warnings.push(warning('INSUFFICIENT_STOCK', message));
  }
  return warnings;
}
