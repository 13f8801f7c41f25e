import { z } from 'zod';
import {
  commonEnv,
  domainName,
  EnvError,
  parseEnv,
  portNumber,
  postgresUrl,
  refuseDevelopmentSecrets,
} from '../shared/env';

const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/=]{16,}$/;

const schema = z.object({
  ...commonEnv,
  TENANT_PORT: portNumber(3001),
  TENANT_DATABASE_URL: postgresUrl,
  BASE_DOMAIN: domainName,
  CLERK_WEBHOOK_SIGNING_SECRET: z
    .string({ error: 'is missing; expected the signing secret of the endpoint in Clerk’s dashboard, whsec_…' })
    .transform((list) => list.split(',').map((secret) => secret.trim()))
    .refine((secrets) => secrets.every((secret) => WEBHOOK_SECRET.test(secret)), {
      error: 'expected whsec_… (several, separated by commas, while a secret is being rotated)',
    }),
});

export type Env = z.output<typeof schema>;

/** @throws EnvError with all faults at once. */
export function readEnv(source: NodeJS.ProcessEnv): Env {
  const env = parseEnv(schema, source);
  const faults = refuseDevelopmentSecrets(env);
  if (env.NODE_ENV === 'production' && env.CLERK_WEBHOOK_SIGNING_SECRET.some(isDevelopmentSecret)) {
    faults.push('CLERK_WEBHOOK_SIGNING_SECRET: is a development secret; production needs Clerk’s own');
  }
  if (faults.length > 0) throw new EnvError(faults);
  return env;
}

const isDevelopmentSecret = (secret: string) =>
  Buffer.from(secret.slice('whsec_'.length), 'base64').toString('latin1').startsWith('dev_');
