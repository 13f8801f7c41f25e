import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv as parseEnvText } from 'node:util';
import { type DatabaseCredentials, databaseUrls } from '../../prisma/databases';
import { createStandInKey, STAND_IN_ISSUER } from './clerkStandIn';

/** The git-ignored folder of everything that `npm start` keeps: the database, its secrets and its settings. */
export const DATA_FOLDER = join(__dirname, '..', '..', '.data');
const LOCAL_ENV_FILE = join(DATA_FOLDER, 'local.env');
const SECRETS_FILE = join(DATA_FOLDER, 'secrets.json');

/** What this machine's platform is protected by. Made once, known to this machine only, and refused in production. */
export interface LocalSecrets {
  callerSigningKey: string;
  webhookSecret: string;
  /** PEM of the stand-in for Clerk's issuer. */
  clerkPrivateKey: string;
  clerkPublicKey: string;
  superuserPassword: string;
  databases: DatabaseCredentials;
}

/** The secrets of this checkout, made on the first call. @throws Error in a sentence when the folder can't be written. */
export function localSecrets(): LocalSecrets {
  if (existsSync(SECRETS_FILE)) return JSON.parse(readPrivateFile(SECRETS_FILE)) as LocalSecrets;
  const random = () => randomBytes(24).toString('base64url');
  const { privateKey, publicKey } = createStandInKey();
  const secrets: LocalSecrets = {
    callerSigningKey: `dev_${random()}`,
    webhookSecret: `whsec_${Buffer.from(`dev_${random()}`).toString('base64')}`,
    clerkPrivateKey: privateKey,
    clerkPublicKey: publicKey,
    superuserPassword: random(),
    databases: {
      tenant: { ownerPassword: random(), appPassword: random() },
      product: { ownerPassword: random(), appPassword: random() },
      order: { ownerPassword: random(), appPassword: random() },
    },
  };
  writePrivateFile(SECRETS_FILE, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

export interface LocalPorts {
  gateway: number;
  tenant: number;
  product: number;
  order: number;
  postgres: number;
}

/** The platform's ports: DESIGN.md's, or what the environment says. */
export function localPorts(source: NodeJS.ProcessEnv): LocalPorts {
  const port = (name: string, fallback: number) => Number(source[name] || fallback);
  return {
    gateway: port('GATEWAY_PORT', 3000),
    tenant: port('TENANT_PORT', 3001),
    product: port('PRODUCT_PORT', 3002),
    order: port('ORDER_PORT', 3003),
    postgres: port('POSTGRES_PORT', 54_329),
  };
}

/** Every service's settings for the platform on this machine. */
export function localSettings(secrets: LocalSecrets, ports: LocalPorts): Record<string, string> {
  const subgraph = (port: number) => `http://127.0.0.1:${port}/graphql`;
  return {
    GATEWAY_PORT: String(ports.gateway),
    TENANT_PORT: String(ports.tenant),
    PRODUCT_PORT: String(ports.product),
    ORDER_PORT: String(ports.order),
    TENANT_SUBGRAPH_URL: subgraph(ports.tenant),
    PRODUCT_SUBGRAPH_URL: subgraph(ports.product),
    ORDER_SUBGRAPH_URL: subgraph(ports.order),
    ...databaseUrls({ host: '127.0.0.1', port: ports.postgres }, secrets.databases),
    EVENT_SUBSCRIBERS: (['tenant', 'product', 'order', 'gateway'] as const)
      .map((name) => `${name}=http://127.0.0.1:${ports[name]}`)
      .join(','),
    BASE_DOMAIN: 'localhost',
    MEDIA_PUBLIC_URL: `http://localhost:${ports.gateway}`,
    MEDIA_DISK_PATH: join(DATA_FOLDER, 'media'),
    CALLER_SIGNING_KEY: secrets.callerSigningKey,
    CLERK_JWT_KEY: secrets.clerkPublicKey.trim().replaceAll('\n', '\\n'),
    CLERK_ISSUERS: STAND_IN_ISSUER,
    CLERK_AUTHORIZED_PARTIES: 'http://localhost:3000',
    // As a native app's: whoever tries one here signs it with this machine's own key.
    CLERK_ALLOW_MISSING_AZP: 'true',
    CLERK_WEBHOOK_SIGNING_SECRET: secrets.webhookSecret,
    // A developer's own receiver listens on this machine.
    WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: 'true',
    // All callers are this machine: one that measures is not to meet the limit of one address.
    CALLER_COST_PER_MINUTE: '12000000',
  };
}

/** Lets a service that is started by itself (`npm run start:products`) find the platform that `npm start` runs. */
export function writeLocalEnv(settings: Record<string, string>): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name}="${value}"`);
  writePrivateFile(LOCAL_ENV_FILE, `# Written by npm start. Do not edit.\n${lines.join('\n')}\n`);
}

/** The settings that `npm start` wrote. @throws Error in a sentence when it never ran. */
export function readLocalEnv(): Record<string, string> {
  if (!existsSync(LOCAL_ENV_FILE)) throw new Error('There is no local platform yet: run npm start first.');
  return parseEnvText(readPrivateFile(LOCAL_ENV_FILE)) as Record<string, string>;
}

function readPrivateFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(
      `Can't read ${file} (${codeOf(error)}): is it another user's? Run this as the user who ran npm start.`,
    );
  }
}

function writePrivateFile(file: string, text: string): void {
  try {
    mkdirSync(DATA_FOLDER, { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw new Error(`Can't write ${file} (${codeOf(error)}): the checkout must be writable for who runs this.`);
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unknown';
