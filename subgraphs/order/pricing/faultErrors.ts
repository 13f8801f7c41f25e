import type { UserError } from '../../shared/userErrors';
import type { UserErrorCode } from '../generated/resolvers';
import type { Addresses } from '../input/addresses';
import type { PricingFault } from './pricing';

/** The user error of a reason why an order can't be placed, or moved to another address. */
export function faultError(fault: PricingFault, { shippingAddress }: Pick<Addresses, 'shippingAddress'>) {
  const error = FAULT_ERRORS[fault];
  const isProvince = fault === 'PROVINCE_REQUIRED' || fault === 'PROVINCE_INVALID';
  // Where nothing is sent, the tax is that of the billing address.
  return isProvince && !shippingAddress ? { ...error, field: ['input', 'billingAddress', 'province'] } : error;
}

const FAULT_ERRORS: Record<PricingFault, UserError<UserErrorCode>> = {
  TOO_EXPENSIVE: { field: ['input', 'lines'], code: 'TOTAL_TOO_LARGE', message: 'Expected a smaller total.' },
  ADDRESS_REQUIRED: { field: ['input', 'shippingAddress'], code: 'REQUIRED', message: 'Must be given.' },
  SHIPPING_UNAVAILABLE: {
    field: ['input', 'shippingAddress', 'countryCode'],
    code: 'SHIPPING_UNAVAILABLE',
    message: 'The store does not ship to this address.',
  },
  SHIPPING_OPTION_REQUIRED: {
    field: ['input', 'shippingOptionId'],
    code: 'SHIPPING_OPTION_REQUIRED',
    message: 'There are several ways to ship this order: choose one.',
  },
  SHIPPING_OPTION_UNAVAILABLE: {
    field: ['input', 'shippingOptionId'],
    code: 'SHIPPING_OPTION_UNAVAILABLE',
    message: 'The chosen shipping option is not offered for this order: choose another.',
  },
  PROVINCE_REQUIRED: {
    field: ['input', 'shippingAddress', 'province'],
    code: 'REQUIRED',
    message: 'The tax depends on the province or state: name it.',
  },
  PROVINCE_INVALID: {
    field: ['input', 'shippingAddress', 'province'],
    code: 'INVALID',
    message: 'Expected a province or state of the country, by its code or name.',
  },
  TAX_UNAVAILABLE: {
    field: ['input'],
    code: 'TAX_UNAVAILABLE',
    message: 'The tax can’t be calculated at the moment. Nothing was bought; try again in a minute.',
  },
  DISCOUNT_NOT_APPLICABLE: {
    field: ['input', 'discountCodes'],
    code: 'DISCOUNT_NOT_APPLICABLE',
    message: 'A code does not apply to this order.',
  },
};
