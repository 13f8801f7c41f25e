import type { FastifyInstance } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import Stripe from 'stripe';
import { errorsBody } from '../../../shared/errors';
import { inRequestTrace } from '../../../shared/trace';
import { processStripeDispute, readStripeDisputeEvent } from './stripeDispute';
import { readStripeEvent, type StripeEventResult, typeLabel } from './stripeEvent';
import { processStripeEvent, type StripeWebhookDependencies } from './stripeWebhook.service';

const BODY_LIMIT_BYTES = 256 * 1024;

/**
 * POST /webhooks/stripe: Stripe's events, signed over the raw bytes. 2xx acknowledges an event, 400 rejects it for good, and a 5xx makes Stripe
 * send it again. The metric stripe_webhooks_total counts them by type and result.
 * @param secrets several while a secret is being rotated: any of them may have signed.
 */
export function stripeWebhookRoute(
  dependencies: StripeWebhookDependencies,
  stripe: Stripe,
  secrets: string[],
  metrics: Registry,
) {
  const { logger } = dependencies;
  const counter = new Counter({
    name: 'stripe_webhooks_total',
    help: 'Webhook events of Stripe by type and result',
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
        if (statusCode < 500) return reply.code(statusCode).send(errorsBody('BAD_REQUEST', 'Not readable.'));
        logger.error({ err: error }, 'webhook failed');
        return reply.code(statusCode).send(errorsBody('INTERNAL_SERVER_ERROR', 'Failed: send it again.'));
      });
      scoped.post('/webhooks/stripe', async (request, reply) => {
        const signature = request.headers['stripe-signature'];
        const signed = Buffer.isBuffer(request.body) && verified(stripe, request.body, String(signature), secrets);
        if (!signed) {
          counter.inc({ type: 'other', outcome: 'unverified' });
          logger.warn('webhook rejected: its signature does not verify');
          return reply.code(400).send(errorsBody('BAD_REQUEST', 'The signature does not verify.'));
        }
        const event = readStripeEvent(signed);
        const outcome = await inRequestTrace('POST /webhooks/stripe', String(signed.id), () => {
          const dispute = readStripeDisputeEvent(signed);
          if (dispute) return processStripeDispute({ ...dependencies, stripe }, dispute);
          return event ? processStripeEvent(dependencies, event) : Promise.resolve<StripeEventResult>('ignored');
        });
        counter.inc({ type: typeLabel(signed.type), outcome });
        const line = { type: signed.type, eventId: signed.id, account: signed.account, outcome, ...event?.claimed };
        logger[outcome === 'refused' || outcome === 'flagged' ? 'warn' : 'info'](line, 'webhook of Stripe');
        return { outcome };
      });
    });
  };
}

/** @returns null when no secret has signed these bytes in the last five minutes, or they are not an event. */
function verified(stripe: Stripe, body: Buffer, signature: string, secrets: string[]): Stripe.Event | null {
  for (const secret of secrets) {
    try {
      return stripe.webhooks.constructEvent(body, signature, secret);
    } catch (error) {
      // The signature is valid, but the body is not an event.
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) return null;
    }
  }
  return null;
}
