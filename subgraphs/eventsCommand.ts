import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openOrderDatabase } from './order/database';
import { openProductDatabase } from './product/database';
import { productSales } from './product/sales/productSales.consumer';
import { AUDIENCES, type Audience } from './shared/caller';
import { EnvError, loadEnvFiles, parseEnv, postgresUrl } from './shared/env';
import { EVENT_CATALOG, EVENT_TYPES, type EventType, isEventType } from './shared/events/eventCatalog';
import type { Statements } from './shared/events/eventDatabase';
import { brokerEnv } from './shared/events/eventsEnv';
import { redrive } from './shared/events/redrive';
import { redriveBroker } from './shared/events/redriveBroker';
import { replay, resetConsumer } from './shared/events/replay';
import { openTenantDatabase } from './tenant/database';

const USAGE = `npm run -s events:redrive -- [--tenant org_…]
  tries again what is dead or parked in an inbox or laid aside by RabbitMQ, and at once what could not be published
npm run -s events:replay -- --tenant org_… [--since 2026-11-01] [--types order.confirmed,order.canceled] [--rebuild product.sales]
  publishes a store's events again; --rebuild empties what a consumer made of all of them before`;

const environment = z.object({
  TENANT_DATABASE_URL: postgresUrl,
  PRODUCT_DATABASE_URL: postgresUrl,
  ORDER_DATABASE_URL: postgresUrl,
  ...brokerEnv,
});

class CommandRefused extends Error {}

/** What the platform's operator does with events, from a shell that has the environment of the three subgraphs. */
async function main(what: string | undefined, args: string[]): Promise<void> {
  const { values } = readArguments(args);
  loadEnvFiles();
  const env = parseEnv(environment, process.env);
  const [tenant, product, order] = await Promise.all([
    openTenantDatabase(env.TENANT_DATABASE_URL, 2),
    openProductDatabase(env.PRODUCT_DATABASE_URL, 2),
    openOrderDatabase(env.ORDER_DATABASE_URL, 2),
  ]);
  const outboxes: Record<Audience, Statements> = { tenant: tenant.db, product: product.db, order: order.db };
  try {
    if (what === 'redrive') {
      for (const name of AUDIENCES) {
        const redriven = await redrive(outboxes[name], values.tenant ?? null);
        console.log(JSON.stringify({ subgraph: name, ...redriven }));
      }
      if (env.RABBITMQ_URL && !values.tenant) {
        const broker = { url: env.RABBITMQ_URL, prefix: env.RABBITMQ_PREFIX };
        console.log(JSON.stringify({ broker: await redriveBroker(broker) }));
      }
    } else if (what === 'replay') {
      const { tenant: tenantId, rebuild } = values;
      if (!tenantId) throw new CommandRefused(`Say which store.\n${USAGE}`);
      if (rebuild === productSales.name) await resetConsumer(product.db, productSales, tenantId);
      else if (rebuild) throw new CommandRefused(`Only ${productSales.name} can be rebuilt.`);
      const since = readSince(values.since);
      for (const name of AUDIENCES) {
        const types = readTypes(values.types).filter((type) => EVENT_CATALOG[type].source === name);
        const count = await replay(outboxes[name], { tenantId, since, types });
        console.log(JSON.stringify({ subgraph: name, replayed: count }));
      }
    } else {
      throw new CommandRefused(USAGE);
    }
  } finally {
    await Promise.all([tenant.close(), product.close(), order.close()]);
  }
}

function readArguments(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ args, options: { tenant: text, since: text, types: text, rebuild: text } });
  } catch (error) {
    throw new CommandRefused(`${(error as Error).message}\n${USAGE}`);
  }
}

function readSince(given: string | undefined): Date {
  const since = new Date(given ?? 0);
  if (Number.isNaN(since.getTime())) throw new CommandRefused('Say since when by a date: --since 2026-11-01');
  return since;
}

function readTypes(given: string | undefined): EventType[] {
  if (given === undefined) return EVENT_TYPES;
  const names = given.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !isEventType(name));
  if (unknown.length > 0) throw new CommandRefused(`There is no event ${unknown.join(', ')}: see docs/EVENTS.md`);
  return names.filter(isEventType);
}

main(process.argv[2], process.argv.slice(3)).catch((error) => {
  const isExpected = error instanceof CommandRefused || error instanceof EnvError;
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
});
