import type { FastifyInstance } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import Stripe from 'stripe';
import { traceOfRequest, withTrace } from '../../../shared/trace';
import { readStripeEvent, typeForCount } from './stripeEvent';
import { processStripeEvent, type StripeWebhookDependencies } from './stripeWebhook.service';

const BODY_LIMIT_BYTES = 256 * 1024;

/**
 * POST /webhooks/stripe: Stripe's deliveries, signed over the raw bytes. 2xx says that there is nothing left to do for them,
 * 400 that they will never be right; 5xx makes Stripe send them again. stripe_webhooks_total counts them by what became of them.
 * @param secrets any of which may have signed, while one is being rotated.
 */
export function stripeWebhookRoute(
  world: StripeWebhookDependencies,
  stripe: Stripe,
  secrets: string[],
  metrics: Registry,
) {
  const { logger } = world;
  const counter = new Counter({
    name: 'stripe_webhooks_total',
    help: 'Deliveries of Stripe’s by their type and by what became of them',
    labelNames: ['type', 'outcome'],
    registers: [metrics],
  });

  return (app: FastifyInstance) => {
    app.register(async (scoped) => {
      scoped.removeAllContentTypeParsers();
      scoped.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
        done(null, body),
      );
      scoped.setErrorHandler((error, _request, reply) => {
        const { statusCode = 500 } = error as { statusCode?: number };
        if (statusCode >= 500) logger.error({ err: error }, 'webhook not taken in');
        const words = statusCode >= 500 ? 'Not taken in: send it again.' : 'Not readable.';
        return reply.code(statusCode).send({ error: words });
      });
      scoped.post('/webhooks/stripe', async (request, reply) => {
        const signature = request.headers['stripe-signature'];
        const given = Buffer.isBuffer(request.body) && verified(stripe, request.body, String(signature), secrets);
        if (!given) {
          counter.inc({ type: 'other', outcome: 'unverified' });
          logger.warn('webhook refused: its signature does not verify');
          return reply.code(400).send({ error: 'The signature does not verify.' });
        }
        const event = readStripeEvent(given);
        const outcome = event
          ? await withTrace(traceOfRequest(event.id), () => processStripeEvent(world, event))
          : 'ignored';
        counter.inc({ type: typeForCount(given.type), outcome });
        const line = { type: given.type, deliveryId: given.id, account: given.account, outcome, ...event?.claimed };
        logger[outcome === 'refused' || outcome === 'flagged' ? 'warn' : 'info'](line, 'webhook of Stripe’s');
        return { outcome };
      });
    });
  };
}

/** @returns null when none of the secrets has signed these bytes within five minutes, or they are no event. */
function verified(stripe: Stripe, body: Buffer, signature: string, secrets: string[]): Stripe.Event | null {
  for (const secret of secrets) {
    try {
      return stripe.webhooks.constructEvent(body, signature, secret);
    } catch (error) {
      // It was signed, and is no event.
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) return null;
    }
  }
  return null;
}
