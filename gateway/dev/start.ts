import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabases } from '../../prisma/databases';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../prisma/embeddedPostgres';
import { migrate } from '../../prisma/migrate';
import { bundleServices } from './bundle';
import { STAND_IN_ISSUER } from './clerkStandIn';
import { linePrinter } from './linePrinter';
import { DATA_FOLDER, localPorts, localSecrets, localSettings, writeLocalEnv } from './localPlatform';
import { refuseUsedPort } from './ports';
import { seedDemoStores } from './seedDemoStores';
import { beginService, type ServiceProcess, type StartingService } from './serviceProcess';
import { Shutdown } from './shutdown';
import { welcome, welcomeWithClerk } from './welcome';

const SERVICES = [
  { name: 'tenant', main: 'subgraphs/tenant/main.ts', script: 'start:tenants' },
  { name: 'product', main: 'subgraphs/product/main.ts', script: 'start:products' },
  { name: 'order', main: 'subgraphs/order/main.ts', script: 'start:orders' },
  { name: 'gateway', main: 'gateway/dev/main.ts', script: 'start:gateway' },
] as const;
const SAY_WAITING_MS = 10_000;

const shutdown = new Shutdown(say);

/** The whole platform on this machine: PostgreSQL, the subgraphs, the gateway, and three stores to look at. */
async function start(): Promise<void> {
  await shutdown.listen();
  if (existsSync('.env')) process.loadEnvFile('.env');
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'NODE_ENV is "production", and npm start is for development: a stand-in for Clerk, and secrets of this machine. ' +
        'Unset NODE_ENV and start again; docs/SCALING.md says how to run in production.',
    );
  }
  const ports = localPorts(process.env);
  const secrets = localSecrets();
  const settings = withOverrides(localSettings(secrets, ports), process.env);
  // Keys at an address take the place of the stand-in's.
  if (process.env.CLERK_JWKS_URL) delete settings.CLERK_JWT_KEY;
  for (const { name } of SERVICES) await refuseUsedPort(`the ${name}`, ports[name], `${name.toUpperCase()}_PORT`);

  // While PostgreSQL starts.
  const bundles = bundleServices();
  // Its fault is told where it is awaited.
  bundles.catch(() => {});
  step('Starting PostgreSQL');
  const postgres = await shutdown.ofDatabase(
    startEmbeddedPostgres({
      dataDirectory: join(DATA_FOLDER, 'postgres'),
      port: ports.postgres,
      superuserPassword: secrets.superuserPassword,
      onProgress: step,
    }),
  );
  stopWhenPostgresEnds(postgres);

  step('Preparing the databases');
  await createDatabases(postgres.adminUrl, secrets.databases);
  await migrate(['tenant', 'product', 'order'], settings, step);
  writeLocalEnv(settings);
  if (shutdown.hasBegun) return;

  step('Starting the subgraphs and the gateway');
  const env = { ...settings, NODE_ENV: 'development', SERVICE_BUNDLES: await bundles };
  const services = SERVICES.map(({ name, main }) =>
    beginService({ name, main, port: ports[name], env, onLine: linePrinter(name) }),
  );
  shutdown.ofServices(services);
  await allReady(services);
  for (const service of services) announceEnd(service);

  // The demo stores' users are known to the stand-in for Clerk only.
  const ownClerk = settings.CLERK_ISSUERS !== STAND_IN_ISSUER;
  if (!ownClerk) {
    const gatewayUrl = `http://localhost:${ports.gateway}`;
    await seedDemoStores(gatewayUrl, secrets.webhookSecret, (store) => step(`Making the demo store ${store}`));
  }
  console.log(ownClerk ? welcomeWithClerk(ports) : welcome(ports));
}

/**
 * What the environment, or `.env`, says of a setting wins over the local platform's, but for the databases: what this
 * migrates and fills is always its own.
 */
function withOverrides(settings: Record<string, string>, source: NodeJS.ProcessEnv): Record<string, string> {
  const overridden = ([name, value]: [string, string]) =>
    name.endsWith('DATABASE_URL') ? value : source[name] || value;
  return Object.fromEntries(Object.entries(settings).map((entry) => [entry[0], overridden(entry)]));
}

/** Waits as long as it takes, and says for what. */
async function allReady(services: StartingService[]): Promise<void> {
  const loading = new Set(services.map(({ name }) => name));
  const begun = performance.now();
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - begun) / 1_000);
    step(
      `Waiting for ${[...loading].join(', ')} (${seconds} s so far): it takes as long as the machine needs to load them`,
    );
  }, SAY_WAITING_MS);
  try {
    await Promise.all(services.map(({ name, ready }) => ready.then(() => loading.delete(name))));
  } finally {
    clearInterval(timer);
  }
}

function say(text: string): void {
  console.log(`start   | ${text}`);
}

function step(text: string): void {
  if (!shutdown.hasBegun) say(text);
}

function stopWhenPostgresEnds(postgres: EmbeddedPostgres): void {
  void postgres.exited.then(() => fail(new Error('PostgreSQL has stopped.')));
}

function announceEnd({ name, ended }: ServiceProcess): void {
  const script = SERVICES.find((service) => service.name === name)?.script;
  void ended.then((reason) => step(`The ${name} has stopped (${reason}). Start it again with: npm run ${script}`));
}

/** What fails because everything is being stopped is no fault. */
function fail(error: Error): void {
  if (shutdown.hasBegun) return;
  console.error(`\n${error.message}`);
  void shutdown.end(1);
}

start().catch(fail);
