import type { PaymentMethodKind } from '../generated/prisma/client';
import type { PaymentProviders, ProviderName } from '../payment/paymentProvider';

/** The provider of each kind's payments. OFFLINE: the money goes no way through this system, and staff say when it has arrived. */
export const PROVIDER_OF = {
  STRIPE: 'STRIPE',
  BANK_TRANSFER: 'OFFLINE',
  CASH_ON_DELIVERY: 'OFFLINE',
  INVOICE: 'OFFLINE',
  TEST: 'TEST',
} as const satisfies Record<PaymentMethodKind, ProviderName>;

/** The kinds that this installation has a provider for: no STRIPE without keys, and no TEST in production. */
export const usableKinds = (providers: PaymentProviders): PaymentMethodKind[] =>
  (Object.keys(PROVIDER_OF) as PaymentMethodKind[]).filter((kind) => providers[PROVIDER_OF[kind]] !== null);
