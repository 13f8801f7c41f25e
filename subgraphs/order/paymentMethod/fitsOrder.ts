import type { Money } from '../../shared/money';
import type { PaymentMethod } from '../generated/prisma/client';

/** What a payment method is limited to. */
export type MethodLimits = Pick<
  PaymentMethod,
  'countryCodes' | 'currencyCodes' | 'minimumTotalAmount' | 'maximumTotalAmount' | 'totalCurrencyCode'
>;

/** What is known of an order that is to be paid; what is not known yet excludes no method. */
export interface OrderToPay {
  countryCode?: string | null | undefined;
  total?: Money | null | undefined;
}

/** Whether a method takes this order. A limit of the total is one of its currency, too: sums in others can't be compared with it. */
export function fitsOrder(method: MethodLimits, { countryCode, total }: OrderToPay): boolean {
  if (countryCode != null && !allows(method.countryCodes, countryCode)) return false;
  if (total == null) return true;
  const { minorUnits, currencyCode } = total;
  if (!allows(method.currencyCodes, currencyCode)) return false;
  if (method.totalCurrencyCode !== null && method.totalCurrencyCode !== currencyCode) return false;
  return (
    minorUnits >= (method.minimumTotalAmount ?? minorUnits) && minorUnits <= (method.maximumTotalAmount ?? minorUnits)
  );
}

/** Whether what is due can be paid: by this method, or without one where nothing is due. */
export const isPayable = (method: MethodLimits | null, due: Money): boolean =>
  due.minorUnits === 0n || (method !== null && fitsOrder(method, { total: due }));

const allows = (codes: string[], code: string) => codes.length === 0 || codes.includes(code);
