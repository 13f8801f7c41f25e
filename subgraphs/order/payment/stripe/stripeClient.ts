import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Stripe from 'stripe';
import { OutcomeUnknown } from '../paymentProvider';

export interface StripeSettings {
  /** sk_… or rk_… of the platform. */
  secretKey: string;
  /** Stripe's own when not given. */
  apiUrl?: string | undefined;
}

export interface OpenStripe {
  stripe: Stripe;
  close(): void;
}

/** Two of these, and their retries, end within a saga's lease of 30 seconds. */
const TIMEOUT_MS = 5_000;
const RETRIES = 1;
const SOCKETS = 50;

/** Stripe's SDK over connections that are kept alive. A POST is repeated under the same idempotency key only. */
export function openStripe({ secretKey, apiUrl }: StripeSettings): OpenStripe {
  const url = new URL(apiUrl ?? 'https://api.stripe.com');
  const options = { keepAlive: true, maxSockets: SOCKETS };
  const isPlain = url.protocol === 'http:';
  const agent = isPlain ? new HttpAgent(options) : new HttpsAgent(options);
  const stripe = new Stripe(secretKey, {
    host: url.hostname,
    port: url.port || (isPlain ? 80 : 443),
    protocol: isPlain ? 'http' : 'https',
    httpClient: Stripe.createNodeHttpClient(agent),
    timeout: TIMEOUT_MS,
    maxNetworkRetries: RETRIES,
    telemetry: false,
  });
  return { stripe, close: () => agent.destroy() };
}

/** Stripe has decided against it, and nothing has moved. */
export class StripeRefusal extends Error {
  override readonly name = 'StripeRefusal';

  constructor(
    readonly code: string,
    readonly intent: Stripe.PaymentIntent | null,
  ) {
    super(`Stripe refused: ${code}`);
  }
}

/**
 * What Stripe answers. Its errors are not passed on: they hold the secrets of payments, and ours are logged.
 * @throws StripeRefusal @throws OutcomeUnknown for everything that leaves open what has happened.
 */
export async function answerOf<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { type, code, decline_code, requestId, statusCode } = error;
    if (isRefusal(error)) throw new StripeRefusal(decline_code ?? code ?? type, error.payment_intent ?? null);
    const words = ['Stripe did not say what happened:', type, code, statusCode, requestId];
    throw new FailedAtStripe(words.filter((word) => word != null).join(' '), isReplayedFailure(error));
  }
}

class FailedAtStripe extends OutcomeUnknown {
  constructor(
    message: string,
    readonly isReplayed: boolean,
  ) {
    super(message);
  }
}

/** 409: the same request is under way. */
const isRefusal = (error: InstanceType<typeof Stripe.errors.StripeError>) =>
  error.statusCode !== 409 &&
  (error instanceof Stripe.errors.StripeCardError ||
    error instanceof Stripe.errors.StripeInvalidRequestError ||
    error instanceof Stripe.errors.StripePermissionError);

const isReplayedFailure = ({ statusCode, headers }: InstanceType<typeof Stripe.errors.StripeError>) =>
  (statusCode ?? 0) >= 500 && headers?.['idempotent-replayed'] === 'true';

/**
 * Asks for something under a key. Stripe repeats a failure of its own under the same key for a day: then it is asked
 * whether it was done after all, and only if not is it asked for again, under a key that follows from the first.
 * @param find what has become of it; null when nothing. @throws as answerOf
 */
export async function underKey<Answer>(
  key: string,
  ask: (key: string) => Promise<Answer>,
  find: () => Promise<Answer | null>,
): Promise<Answer> {
  try {
    return await answerOf(ask(key));
  } catch (error) {
    if (!(error instanceof FailedAtStripe && error.isReplayed)) throw error;
    return (await find()) ?? (await answerOf(ask(`${key}:again`)));
  }
}
