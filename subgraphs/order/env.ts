import { z } from 'zod';
import {
  commonEnv,
  isProduction,
  parseEnv,
  portNumber,
  postgresUrl,
  redisUrl,
  rotatedSecret,
  subgraphUrl,
} from '../shared/env';
import { eventsEnv } from '../shared/events/eventsEnv';
import { webhookEnv } from '../shared/webhooks/webhookEnv';
import { stripeEnv } from './payment/stripe/stripeEnv';

const schemaFor = (production: boolean, hasStripe: boolean) =>
  z.object({
    ...commonEnv(production),
    ...eventsEnv,
    ...webhookEnv(production),
    ORDER_PORT: portNumber(3003),
    ORDER_DATABASE_URL: postgresUrl,
    /** PostgreSQL itself, when ORDER_DATABASE_URL is a pooler: LISTEN/NOTIFY does not work through a pooler. */
    ORDER_DATABASE_DIRECT_URL: postgresUrl.optional(),
    /** The secret of buyers' order links, for as long as one of them signed a link; derived from CALLER_SIGNING_KEY when empty. */
    ORDER_LINKS_KEY: rotatedSecret(production).optional(),
    PRODUCT_SUBGRAPH_URL: subgraphUrl,
    /** Where processes share their counts of wrong guesses; without it each counts for itself. */
    REDIS_URL: redisUrl,
    /** `by-parent`: for the kill test, the parent process may stop sagas between two steps. */
    SAGA_HOLD: production
      ? z.never('is for the kill test; production holds no order back').optional()
      : z.literal('by-parent', 'expected by-parent, or nothing').optional(),
    ...stripeEnv(production, hasStripe),
  });

export type Env = z.output<ReturnType<typeof schemaFor>>;

/** @throws EnvError with all faults at once. */
export const readEnv = (source: NodeJS.ProcessEnv): Env =>
  parseEnv(schemaFor(isProduction(source), Boolean(source.STRIPE_SECRET_KEY)), source);
