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

/** Two requests with their retries end within the 30 seconds of a saga's lease. */
const TIMEOUT_MS = 5_000;
const RETRIES = 1;
const SOCKETS = 50;

/** Stripe's SDK with keep-alive connections. It retries a POST under the same idempotency key. */
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

/** Stripe has declined the request: it had no effect. */
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
 * Stripe's answer. Errors of its SDK hold secrets of payments and would be logged, so they are replaced.
 * @throws StripeRefusal @throws OutcomeUnknown when it is not known whether the request had an effect.
 */
export async function answerOf<Answer>(request: Promise<Answer>): Promise<Answer> {
  try {
    return await request;
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

/** A 409 is no refusal: the same request is being processed at this moment. */
const isRefusal = (error: InstanceType<typeof Stripe.errors.StripeError>) =>
  error.statusCode !== 409 &&
  (error instanceof Stripe.errors.StripeCardError ||
    error instanceof Stripe.errors.StripeInvalidRequestError ||
    error instanceof Stripe.errors.StripePermissionError);

const isReplayedFailure = ({ statusCode, headers }: InstanceType<typeof Stripe.errors.StripeError>) =>
  (statusCode ?? 0) >= 500 && headers?.['idempotent-replayed'] === 'true';

/**
 * Makes a request under an idempotency key. Stripe repeats its first answer to a key for a day, even a 5xx. After a 5xx we look up whether the
 * request had its effect; only if not it is made again, under a second key derived from the first.
 * @param find the result, if it was done; null if not. @throws as {@link answerOf}
 */
export async function underKey<Answer>(
  key: string,
  request: (key: string) => Promise<Answer>,
  find: () => Promise<Answer | null>,
): Promise<Answer> {
  try {
    return await answerOf(request(key));
  } catch (error) {
    if (!(error instanceof FailedAtStripe && error.isReplayed)) throw error;
    return (await find()) ?? (await answerOf(request(`${key}:again`)));
  }
}
