import type { FastifyInstance } from 'fastify';
import { Webhook, WebhookVerificationError } from 'svix/dist/webhook';
import { errorsBody } from '../../shared/errors';
import type { Logger } from '../../shared/log';
import { inRequestTrace } from '../../shared/trace';
import type { Db } from '../database';
import { type KnownClerkEvent, readClerkEvent, UnreadableDelivery } from './clerkEvent';
import type { DeliveryResult } from './inbox';
import { membershipChanged, membershipDeleted, userChanged, userDeleted } from './membership.service';
import { organizationChanged, organizationDeleted } from './organization.service';

const BODY_LIMIT_BYTES = 256 * 1024;
const SIGNED_HEADERS = ['svix-id', 'svix-timestamp', 'svix-signature'];

/** How many deliveries this process has received, by type and result. */
type Counts = Record<string, Record<string, number>>;

/**
 * POST /webhooks/clerk: Clerk's deliveries, signed by Svix over the raw bytes. 2xx: the effect is committed. 400: a retry can't help.
 * 5xx: Svix sends it again. GET /webhooks/clerk/counts, for operators: the counts of this process.
 */
export function clerkWebhookRoute(db: Db, secrets: string[], logger: Logger) {
  const webhooks = secrets.map((secret) => new Webhook(secret));
  const counts: Counts = {};
  return (app: FastifyInstance) => {
    app.register(async (scoped) => {
      scoped.removeAllContentTypeParsers();
      scoped.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
        done(null, body),
      );
      scoped.setErrorHandler((error, _request, reply) => {
        if (error instanceof UnreadableDelivery) return reply.code(400).send(errorsBody('BAD_REQUEST', error.message));
        const { statusCode = 500 } = error as { statusCode?: number };
        if (statusCode < 500) return reply.code(statusCode).send(errorsBody('BAD_REQUEST', 'Not readable.'));
        logger.error({ err: error }, 'webhook not processed');
        return reply.code(statusCode).send(errorsBody('INTERNAL_SERVER_ERROR', 'Not processed: send it again.'));
      });
      scoped.post('/webhooks/clerk', async (request, reply) => {
        const body = request.body;
        if (!Buffer.isBuffer(body) || !verifies(webhooks, body, request.headers)) {
          logger.warn('webhook refused: its signature does not verify');
          return reply.code(400).send(errorsBody('BAD_REQUEST', 'The signature does not verify.'));
        }
        const deliveryId = String(request.headers['svix-id']);
        const { type, result } = await inRequestTrace('POST /webhooks/clerk', deliveryId, () =>
          processDelivery(db, deliveryId, body, logger),
        );
        const ofType = counts[type] ?? {};
        counts[type] = { ...ofType, [result]: (ofType[result] ?? 0) + 1 };
        return { outcome: result };
      });
      scoped.get('/webhooks/clerk/counts', async () => counts);
    });
  };
}

async function processDelivery(db: Db, deliveryId: string, body: Buffer, logger: Logger) {
  const event = readClerkEvent(body);
  if (event.type === 'unused') {
    logger.info({ type: event.name, deliveryId }, 'webhook of a type that is not used');
    return { type: 'other', result: 'ignored' };
  }
  const result = await apply(db, deliveryId, event);
  logger.info({ type: event.type, deliveryId, result }, 'webhook processed');
  return { type: event.type, result };
}

function apply(db: Db, deliveryId: string, event: KnownClerkEvent): Promise<DeliveryResult> {
  switch (event.type) {
    case 'organization.created':
    case 'organization.updated':
      return organizationChanged(db, deliveryId, event.data);
    case 'organization.deleted':
      return organizationDeleted(db, deliveryId, event.data.id, event.timestamp);
    case 'organizationMembership.created':
    case 'organizationMembership.updated':
      return membershipChanged(db, deliveryId, event.data);
    case 'organizationMembership.deleted':
      return membershipDeleted(db, deliveryId, event.data, event.timestamp);
    case 'user.updated':
      return userChanged(db, deliveryId, event.data);
    case 'user.deleted':
      return userDeleted(db, deliveryId, event.data.id, event.timestamp);
  }
}

/** Uses Svix's headers only. The library also accepts those of Standard Webhooks, but the delivery's id is read from Svix's. */
function verifies(webhooks: Webhook[], body: Buffer, headers: Record<string, unknown>): boolean {
  const signed = Object.fromEntries(SIGNED_HEADERS.map((name) => [name, String(headers[name] ?? '')]));
  return webhooks.some((webhook) => {
    try {
      webhook.verify(body, signed);
      return true;
    } catch (error) {
      if (error instanceof WebhookVerificationError || error instanceof SyntaxError) return false;
      throw error;
    }
  });
}
