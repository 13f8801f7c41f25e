import { z } from 'zod';

const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/=_-]{16,}$/;

/** Without the secret key Stripe is disabled. With it the signing secret is required, to verify webhooks. */
export const stripeEnv = (production: boolean, hasKey: boolean) => ({
  /** The platform's key. Stores have connected accounts of the platform. */
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^[sr]k_(test|live)_\w+$/, 'expected the secret or restricted key of your platform at Stripe, sk_… or rk_…')
    .optional(),
  /** Told to buyers' browsers, for Stripe.js. */
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .regex(/^pk_(test|live)_\w+$/, 'expected the publishable key of your platform at Stripe, pk_…')
    .optional(),
  STRIPE_WEBHOOK_SIGNING_SECRET: hasKey ? webhookSecrets : webhookSecrets.optional(),
  /** Another server with Stripe's API, for tests. */
  STRIPE_API_URL: z
    .url({ protocol: production ? /^https$/ : /^https?$/, error: 'expected the address of an API such as Stripe’s' })
    .optional(),
});

const webhookSecrets = z
  .string('is missing; STRIPE_SECRET_KEY needs the signing secret of the endpoint at Stripe, whsec_…')
  .transform((list) => list.split(',').map((secret) => secret.trim()))
  .refine((secrets) => secrets.every((secret) => WEBHOOK_SECRET.test(secret)), {
    error: 'expected whsec_… of the endpoint at Stripe (several, separated by commas, while a secret is being rotated)',
  });
