import type { BillingProvider } from '../dependencies';

/**
 * The operator invoices the stores: a plan counts as paid until the operator says that a payment is missing
 * (`npm run -s tenants -- past-due`), and as missing until the operator says that it has come (`paid`).
 */
export const manualBilling: BillingProvider = {
  name: 'manual',
  charge: async ({ customerId, isPastDue }) => ({ isPaid: !isPastDue, customerId }),
};
