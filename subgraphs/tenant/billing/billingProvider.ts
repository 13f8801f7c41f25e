import type { BillingProvider } from '../dependencies';

/**
 * The platform's operator sends invoices outside this system. A plan counts as paid until the operator reports a missing payment
 * (`npm run -s tenants -- past-due`), and as past due until the operator reports the payment (`paid`).
 */
export const manualBilling: BillingProvider = {
  name: 'manual',
  charge: async ({ customerId, isPastDue }) => ({ isPaid: !isPastDue, customerId }),
};
