import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import {
  domainName,
  drainSeconds,
  isProduction,
  parseEnv,
  portNumber,
  redisUrl,
  signingKey,
} from '../subgraphs/shared/env';
import { brokerEnv } from '../subgraphs/shared/events/eventsEnv';
import { networkOf } from './http/clientAddress';
import { MIN_COST_PER_MINUTE } from './limits/rateLimits';

/** The public exponent of Clerk's keys. The local stand-in's keys have another, so that production can tell them. */
const CLERK_PUBLIC_EXPONENT = 65_537n;

const missing = (expected: string) => ({ error: `is missing; expected ${expected}` });

/** A comma separated list, without empty entries. */
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean),
);

const graphqlUrl = (example: string) =>
  z
    .string(missing(`a URL like ${example}`))
    .refine((value) => ['http:', 'https:'].includes(protocolOf(value)), `expected a URL like ${example}`);

/** What holds in production only is part of the fields themselves, so that one run reports every fault. */
function schemaFor(production: boolean, hasKeySet: boolean) {
  return z.object({
    NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    GATEWAY_PORT: portNumber(3000),
    GATEWAY_HOST: z.string().default(production ? '0.0.0.0' : '127.0.0.1'),
    METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
    TENANT_SUBGRAPH_URL: graphqlUrl('http://localhost:3001/graphql'),
    PRODUCT_SUBGRAPH_URL: graphqlUrl('http://localhost:3002/graphql'),
    ORDER_SUBGRAPH_URL: graphqlUrl('http://localhost:3003/graphql'),
    GATEWAY_EXECUTION: z.enum(['own', 'apollo']).default('own'),
    BASE_DOMAIN: domainName,
    CALLER_SIGNING_KEY: signingKey(production),
    DRAIN_SECONDS: drainSeconds(production),
    CLERK_JWT_KEY: hasKeySet ? besideKeySet : clerkKey(production),
    CLERK_JWKS_URL: z
      .url({ protocol: production ? /^https$/ : /^https?$/, error: 'expected the https address of a JSON Web Key Set' })
      .optional(),
    CLERK_ISSUERS: list
      .refine((issuers) => issuers.length > 0, 'names no issuer')
      .refine(
        (issuers) => !production || issuers.every(isPublicIssuer),
        'production takes https issuers only, and none on localhost',
      )
      .optional()
      .refine((issuers) => issuers !== undefined, missing('the Frontend API URL of your Clerk instance').error)
      .transform((issuers) => issuers ?? []),
    CLERK_AUTHORIZED_PARTIES: list
      .optional()
      .refine(
        (parties) => !production || (parties !== undefined && parties.length > 0),
        'is missing; production needs the origins whose tokens count, like https://shop.example.com',
      )
      .transform((parties) => parties ?? []),
    CLERK_ALLOW_MISSING_AZP: z
      .enum(['true', 'false'], { error: 'expected true or false' })
      .default('false')
      .transform((value) => value === 'true'),
    CLERK_AUDIENCE: z.string().optional(),
    ...brokerEnv,
    CORS_ORIGINS: list
      .refine(
        (origins) => origins.every(isOrigin),
        'expected origins such as https://shop.example.com, and no * or path',
      )
      .default([]),
    TRUSTED_PROXIES: list
      .transform((networks) => networks.map(networkOf))
      .refine(
        (networks) => networks.every((network) => network !== null),
        'expected addresses and networks such as 10.0.0.0/8',
      )
      .transform((networks) => networks.filter((network) => network !== null))
      .default([]),
    CALLER_COST_PER_MINUTE: z.coerce
      .number(`expected a number, ${MIN_COST_PER_MINUTE} or more`)
      .int()
      .min(MIN_COST_PER_MINUTE, `expected a number, ${MIN_COST_PER_MINUTE} or more`)
      .default(600_000),
    REDIS_URL: redisUrl,
    API_DOCS: z
      .enum(['true', 'false'], { error: 'expected true or false' })
      .default('true')
      .transform((value) => value === 'true'),
  });
}

/** The gateway's configuration. Read nowhere else: no other file of the gateway touches `process.env`. */
export type GatewayEnv = z.output<ReturnType<typeof schemaFor>>;

/** `source` as the gateway's configuration. @throws EnvError that lists all faults, one readable line each. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): GatewayEnv {
  return parseEnv(schemaFor(isProduction(source), Boolean(source.CLERK_JWKS_URL)), source);
}

/** Apollo and Clerk send usage data to their makers unless told otherwise; both look at the environment when they start. */
export function disableVendorTelemetry(): void {
  process.env.APOLLO_TELEMETRY_DISABLED = 'true';
  process.env.CLERK_TELEMETRY_DISABLED = '1';
}

const besideKeySet = z.undefined({ error: 'is set beside CLERK_JWKS_URL: expected one of the two' }).optional();

function clerkKey(production: boolean) {
  return z
    .string(missing('the PEM public key of your Clerk instance, or CLERK_JWKS_URL'))
    .transform((value) => value.replaceAll('\\n', '\n').trim())
    .superRefine((pem, context) => {
      const fault = clerkKeyFault(pem, production);
      if (fault) context.addIssue({ code: 'custom', message: fault });
    });
}

function clerkKeyFault(pem: string, production: boolean): string | null {
  const expected = 'expected an RSA public key in PEM (-----BEGIN PUBLIC KEY-----) of 2048 bits or more';
  const key = pem.startsWith('-----BEGIN PUBLIC KEY-----') ? publicKeyOf(pem) : null;
  if (key?.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return expected;
  if (production && key.asymmetricKeyDetails?.publicExponent !== CLERK_PUBLIC_EXPONENT) {
    return "is the local stand-in's key; production takes Clerk's only";
  }
  return null;
}

/** Null when `pem` is no key: the caller says what was expected instead. */
function publicKeyOf(pem: string): KeyObject | null {
  try {
    return createPublicKey(pem);
  } catch {
    return null;
  }
}

function isPublicIssuer(issuer: string): boolean {
  if (protocolOf(issuer) !== 'https:') return false;
  const { hostname } = new URL(issuer);
  return hostname !== 'localhost' && !hostname.endsWith('.localhost');
}

const isOrigin = (text: string) => ['http:', 'https:'].includes(protocolOf(text)) && new URL(text).origin === text;

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
