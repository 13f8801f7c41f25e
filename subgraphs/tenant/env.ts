import { isIP } from 'node:net';
import { z } from 'zod';
import {
  commonEnv,
  domainName,
  isDevelopmentSecret,
  isProduction,
  parseEnv,
  portNumber,
  postgresUrl,
  redisUrl,
  subgraphUrl,
} from '../shared/env';
import { eventsEnv } from '../shared/events/eventsEnv';
import { webhookEnv } from '../shared/webhooks/webhookEnv';

const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/=]{16,}$/;

const schemaFor = (production: boolean) =>
  z.object({
    ...commonEnv(production),
    ...eventsEnv,
    ...webhookEnv(production),
    TENANT_PORT: portNumber(3001),
    TENANT_DATABASE_URL: postgresUrl,
    /** PostgreSQL's own address when TENANT_DATABASE_URL is PgBouncer's: LISTEN does not work through a transaction pooler. */
    TENANT_DATABASE_DIRECT_URL: postgresUrl.optional(),
    BASE_DOMAIN: domainName,
    /** Where processes share their counts of wrong guesses; without it each counts for itself. */
    REDIS_URL: redisUrl,
    PRODUCT_SUBGRAPH_URL: subgraphUrl,
    ORDER_SUBGRAPH_URL: subgraphUrl,
    /** The DNS servers for custom domains; the machine's own when empty. */
    DNS_SERVERS: z
      .string()
      .default('')
      .transform((list) =>
        list
          .split(',')
          .map((server) => server.trim())
          .filter(Boolean),
      )
      .refine((servers) => servers.every((server) => isIP(server.replace(/:\d+$/, '')) !== 0 || isIP(server) !== 0), {
        error: 'expected IP addresses, with a port where it is not 53, separated by commas',
      }),
    /** Needed for the reconciliation with Clerk's Backend API, which does not run without it. */
    CLERK_SECRET_KEY: z
      .string()
      .regex(/^sk_\w+$/, 'expected the secret key of your Clerk instance, sk_…')
      .optional(),
    CLERK_API_URL: z.url({ protocol: /^https?$/, error: 'expected the address of Clerk’s Backend API' }).optional(),
    RECONCILE_INTERVAL_SECONDS: z.coerce
      .number('expected a number of seconds, 60 or more')
      .int()
      .min(60, 'expected a number of seconds, 60 or more')
      .default(3600),
    CLERK_WEBHOOK_SIGNING_SECRET: z
      .string({ error: 'is missing; expected the signing secret of the endpoint in Clerk’s dashboard, whsec_…' })
      .transform((list) => list.split(',').map((secret) => secret.trim()))
      .refine((secrets) => secrets.every((secret) => WEBHOOK_SECRET.test(secret)), {
        error: 'expected whsec_… (several, separated by commas, while a secret is being rotated)',
      })
      .refine((secrets) => !(production && secrets.map(bytesOf).some(isDevelopmentSecret)), {
        error: 'is a development secret; production needs Clerk’s own',
      }),
  });

export type Env = z.output<ReturnType<typeof schemaFor>>;

/** @throws EnvError that lists all invalid variables. */
export const readEnv = (source: NodeJS.ProcessEnv): Env => parseEnv(schemaFor(isProduction(source)), source);

const bytesOf = (secret: string) => Buffer.from(secret.slice('whsec_'.length), 'base64').toString('latin1');
