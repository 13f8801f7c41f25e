import type { BillingProvider } from '../dependencies';

/**
 * The platform's operator sends invoices: a plan counts as paid until the operator reports a missing payment
 * (`npm run -s tenants -- past-due`), and as missing until the operator reports the payment (`paid`).
 */
export const manualBilling: BillingProvider = {
  name: 'manual',
  charge: async ({ customerId, isPastDue }) => ({ isPaid: !isPastDue, customerId }),
};
