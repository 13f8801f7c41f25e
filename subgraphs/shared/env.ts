import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** All errors of the environment, one line each: the variable, what is wrong, and what was expected. */
export class EnvError extends Error {
  constructor(readonly faults: string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
  }
}

/** Parses `source`. An empty value counts as absent. @throws EnvError that lists all errors. */
export function parseEnv<Schema extends z.ZodType>(schema: Schema, source: NodeJS.ProcessEnv): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new EnvError(result.error.issues.map((issue) => `${issue.path.join('.') || 'environment'}: ${issue.message}`));
}

/**
 * Reads `.env`, and in development also `.data/local.env`, which `npm start` writes; reads nothing in tests. Variables that are
 * already set keep their values.
 */
export function loadEnvFiles(): void {
  const { NODE_ENV = 'development' } = process.env;
  if (NODE_ENV === 'test') return;
  const files = NODE_ENV === 'development' ? ['.env', '.data/local.env'] : ['.env'];
  for (const file of files) if (existsSync(file)) process.loadEnvFile(file);
  loadSecretFiles(process.env);
}

/** Only our secrets' variables may be read from files: other programs have variables that end in _FILE, too, such as SSL_CERT_FILE. */
const SECRET_SUFFIX = /_(?:KEY|KEY_ID|SECRETS?|URL|PASSWORD|TOKEN)$/;

/**
 * Reads secrets from files: CALLER_SIGNING_KEY_FILE=/run/secrets/key sets CALLER_SIGNING_KEY to the content of that file. Tools that
 * list processes show their environment, so secrets are safer in files. A variable that is set itself is not overwritten.
 * @throws EnvError that names the variables whose files can't be read.
 */
export function loadSecretFiles(env: NodeJS.ProcessEnv): void {
  const faults: string[] = [];
  for (const [variable, file] of Object.entries(env)) {
    const name = variable.replace(/_FILE$/, '');
    if (name === variable || !file || env[name] || !SECRET_SUFFIX.test(name)) continue;
    try {
      env[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      faults.push(`${variable}: can't be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  if (faults.length > 0) throw new EnvError(faults);
}

const required = (expected: string) => ({ error: `is missing; expected ${expected}` });

export const isProduction = (source: NodeJS.ProcessEnv): boolean => source.NODE_ENV === 'production';

/** `npm start` generates secrets with this prefix. They are stored on developers' machines, so production refuses them. */
export const isDevelopmentSecret = (secret: string): boolean => secret.startsWith('dev_');

/** A secret that can be rotated: see `Secret` in hmac.ts. */
export const rotatedSecret = (production: boolean, expected = '32 or more random characters') =>
  z
    .string(required(expected))
    .transform((list) => list.split(',').map((secret) => secret.trim()))
    .refine(
      (secrets) => secrets.every(({ length }) => length >= 32),
      'is too short; expected 32 or more random characters (several, separated by commas, while it is rotated)',
    )
    .refine(
      (secrets) => !(production && secrets.some(isDevelopmentSecret)),
      'is a development key; production needs one of its own',
    );

/** The secret that signs callers, and of which the keys of events, order links and media addresses are derived: see caller.ts. */
export const signingKey = (production: boolean) =>
  rotatedSecret(production, '32 or more random characters, the same for the gateway and all subgraphs');

/**
 * How long a service that is told to stop still serves, while /readyz already says no: a load balancer needs this time to notice. Clients
 * close their connections meanwhile, since each answer asks them to.
 */
export const drainSeconds = (production: boolean) =>
  z.coerce
    .number('expected a number of seconds, 0 to 60')
    .int()
    .min(0)
    .max(60, 'expected a number of seconds, 0 to 60')
    .default(production ? 5 : 0);

/** The variables of every subgraph. Rules for production are part of the fields, so that one start reports all errors. */
export const commonEnv = (production: boolean) => ({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SUBGRAPH_HOST: z.string().default('127.0.0.1'),
  CALLER_SIGNING_KEY: signingKey(production),
  DRAIN_SECONDS: drainSeconds(production),
});

export const portNumber = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

/** The domain whose subdomains are stores. */
export const domainName = z
  .string()
  .toLowerCase()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'expected a domain without a scheme and port, such as example.com')
  .default('localhost');

export const postgresUrl = z
  .string(required('a postgresql:// URL with the service’s app role'))
  .regex(/^postgres(ql)?:\/\//, 'expected a postgresql:// URL');

/** Left out, or empty: none. */
export const redisUrl = z
  .url({ protocol: /^rediss?$/, error: 'expected the address of a Redis, redis://…' })
  .optional();

export const subgraphUrl = z.url({
  protocol: /^https?$/,
  error: 'expected the address of a subgraph, such as http://127.0.0.1:3002/graphql',
});
