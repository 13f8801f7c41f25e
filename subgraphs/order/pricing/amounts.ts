import type { Pricing } from './pricing';

/** An order's sums by the columns of its row. */
export const amountsOfOrder = (pricing: Pricing) => ({
  subtotalAmount: pricing.subtotal,
  discountAmount: pricing.discount,
  shippingAmount: pricing.shipping,
  shippingTaxAmount: pricing.shippingTax,
  taxAmount: pricing.tax,
  taxLines: pricing.taxLines,
  taxRounding: pricing.taxRounding,
  pricesIncludeTax: pricing.pricesIncludeTax,
  reverseCharge: pricing.reverseCharge,
  totalAmount: pricing.total,
});

/** The sums of the line at `position` by the columns of its row. */
export function amountsOfItem(pricing: Pricing, position: number) {
  const line = pricing.lines[position];
  if (!line) throw new Error(`No line was priced at ${position}`);
  return {
    unitPriceAmount: line.unitPrice,
    totalPriceAmount: line.subtotal,
    discountAmount: line.discount,
    taxAmount: line.tax,
    taxLines: line.taxLines,
  };
}
