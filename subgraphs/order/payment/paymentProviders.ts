import type Stripe from 'stripe';
import { offlineProvider } from './offlineProvider';
import type { PaymentProviders } from './paymentProvider';
import { stripeProvider } from './stripe/stripeProvider';
import { testProvider } from './testProvider';

interface ProviderSettings {
  /** In production nobody pays with tests. */
  production: boolean;
  /** Null without keys for Stripe. */
  stripe: Stripe | null;
  publishableKey: string | null;
}

/** The providers of this installation. */
export const paymentProviders = ({ production, stripe, publishableKey }: ProviderSettings): PaymentProviders => ({
  OFFLINE: offlineProvider,
  STRIPE: stripe && stripeProvider(stripe, publishableKey),
  TEST: production ? null : testProvider(),
});
