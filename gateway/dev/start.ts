import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabases } from '../../prisma/databases';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../prisma/embeddedPostgres';
import { migrate } from '../../prisma/migrate';
import { STAND_IN_ISSUER } from './clerkStandIn';
import { DEMO_STORES } from './demoStores';
import { linePrinter } from './linePrinter';
import { DATA_FOLDER, type LocalPorts, localPorts, localSecrets, localSettings, writeLocalEnv } from './localPlatform';
import { refuseUsedPort } from './ports';
import { seedDemoStores } from './seedDemoStores';
import { type ServiceProcess, startService } from './serviceProcess';
import { localToken } from './token';

const SERVICES = [
  { name: 'tenant', main: 'subgraphs/tenant/main.ts', script: 'start:tenants' },
  { name: 'product', main: 'subgraphs/product/main.ts', script: 'start:products' },
  { name: 'order', main: 'subgraphs/order/main.ts', script: 'start:orders' },
  { name: 'gateway', main: 'gateway/main.ts', script: 'start:gateway' },
] as const;

/** What has been started, in order; stopped the other way round. */
const running: { stop(): Promise<unknown> }[] = [];
let stopping: Promise<void> | null = null;

/** The whole platform on this machine: PostgreSQL, the subgraphs, the gateway, and three stores to look at. */
async function start(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const ports = localPorts(process.env);
  const secrets = localSecrets();
  const settings = withOverrides(localSettings(secrets, ports), process.env);
  // Keys at an address take the place of the stand-in's.
  if (process.env.CLERK_JWKS_URL) delete settings.CLERK_JWT_KEY;
  for (const { name } of SERVICES) await refuseUsedPort(`the ${name}`, ports[name], `${name.toUpperCase()}_PORT`);

  step('Starting PostgreSQL');
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(DATA_FOLDER, 'postgres'),
    port: ports.postgres,
    superuserPassword: secrets.superuserPassword,
    onProgress: step,
  });
  running.push(postgres);
  stopWhenPostgresEnds(postgres);

  step('Preparing the databases');
  await createDatabases(postgres.adminUrl, secrets.databases);
  await migrate(['tenant', 'product', 'order'], settings, step);
  writeLocalEnv(settings);

  step('Starting the subgraphs and the gateway');
  const services = await Promise.all(
    SERVICES.map(({ name, main }) =>
      startService({ name, main, port: ports[name], env: settings, onLine: linePrinter(name) }),
    ),
  );
  running.push(...services);
  for (const service of services) announceEnd(service);

  const gatewayUrl = `http://localhost:${ports.gateway}`;
  // The demo stores' users are known to the stand-in for Clerk only.
  const ownClerk = settings.CLERK_ISSUERS !== STAND_IN_ISSUER;
  if (!ownClerk) {
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

function step(text: string): void {
  if (!stopping) console.log(`start   | ${text}`);
}

function stopWhenPostgresEnds(postgres: EmbeddedPostgres): void {
  void postgres.exited.then(() => {
    if (!stopping) fail(new Error('PostgreSQL has stopped.'));
  });
}

function announceEnd({ name, ended }: ServiceProcess): void {
  const script = SERVICES.find((service) => service.name === name)?.script;
  void ended.then((reason) => step(`The ${name} has stopped (${reason}). Start it again with: npm run ${script}`));
}

function welcome({ gateway }: LocalPorts): string {
  const [nike] = DEMO_STORES;
  if (!nike) throw new Error('There is no demo store');
  const url = `http://localhost:${gateway}/graphql`;
  const query =
    '{ currentTenant { name settings { defaultCurrency locale } } orders(first: 3, reverse: true) { nodes { number status total { amount currencyCode } items { productName quantity product { name categories { name } } variant { sku quantityAvailable } } } } }';
  return `
The platform runs.

  GraphQL   ${url}   (in a browser: Apollo Sandbox)
  Stores    ${DEMO_STORES.map(({ slug }) => `http://${slug}.localhost:${gateway}`).join('  ')}

A token for Nike's admin, valid for 12 hours (another: npm run -s token -- --store adidas --role member):

${localToken(nike, 'admin')}

A query that crosses the three subgraphs:

curl -s ${url} \\
  -H "Authorization: Bearer $(npm run -s token -- --store nike --role admin)" \\
  -H 'Content-Type: application/json' \\
  -d '{"query":"${query}"}'

Ctrl-C stops everything. What is in the databases stays.
`;
}

function welcomeWithClerk({ gateway }: LocalPorts): string {
  return `
The platform runs, with the Clerk instance of your .env.

  GraphQL   http://localhost:${gateway}/graphql   (in a browser: Apollo Sandbox)
  Webhook   http://localhost:${gateway}/api/webhooks/clerk

Ctrl-C stops everything. What is in the databases stays.
`;
}

/** Stops what runs, in the order that lets each finish what it is doing. */
function stop(): Promise<void> {
  stopping ??= (async () => {
    if (running.length > 0) console.log('start   | Stopping');
    const [postgres, ...services] = running;
    await Promise.all(services.map((service) => service.stop()));
    await postgres?.stop();
  })();
  return stopping;
}

function fail(error: Error): void {
  console.error(`\n${error.message}`);
  void stop().finally(() => process.exit(1));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void stop().then(() => process.exit(0), fail));
}
start().catch(fail);
