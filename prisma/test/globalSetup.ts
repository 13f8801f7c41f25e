import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { bundleServices } from '../../gateway/dev/bundle';
import { startShared as startGraph } from '../../gateway/test/ownSupergraph';
import { startShared as startOrder } from '../../subgraphs/order/test/startTestSubgraph';
import { startShared as startProduct } from '../../subgraphs/product/test/startTestSubgraph';
import { SharedServices } from '../../subgraphs/shared/test/sharedServices';
import { startShared as startTenant } from '../../subgraphs/tenant/test/startTestSubgraph';
import { type DatabaseCredentials, SERVICES, type Service } from '../databases';
import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from '../embeddedPostgres';
import { announceTestServer, dropLeftovers } from '../testDatabase';
import { buildTemplates } from './templates';

const DATA_FOLDER = join(__dirname, '..', '..', '.data', 'test-postgres');
const MAX_RUNS_AT_ONCE = 8;

declare global {
  /** What ends all that was started for the run. */
  var stopTestServers: (() => Promise<void>) | undefined;
}

/**
 * Jest's globalSetup: one PostgreSQL for the whole run, its data kept between runs, with a migrated template per service; and
 * the subgraphs that tests share, each when the first test asks for it.
 */
export default async function globalSetup({ maxWorkers } = { maxWorkers: 1 }): Promise<void> {
  // The tests' processes have this environment, too.
  const bundles = bundleServices();
  const server = await startServer(maxWorkers);
  try {
    const credentials = randomCredentials();
    await dropLeftovers(server.adminUrl);
    process.env.SERVICE_BUNDLES = await bundles;
    await buildTemplates(server.adminUrl, credentials);
    announceTestServer({ adminUrl: server.adminUrl, credentials });
    const services = await SharedServices.listen({
      tenant: { per: 'worker', start: startTenant },
      product: { per: 'worker', start: startProduct },
      order: { per: 'worker', start: startOrder },
      graph: { per: 'run', start: startGraph },
    });
    globalThis.stopTestServers = async () => {
      await services.stop();
      await server.stop();
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Concurrent runs in one checkout have a data folder each; the server's lock on it decides which. */
async function startServer(workers: number): Promise<EmbeddedPostgres> {
  for (let run = 1; ; run++) {
    try {
      return await startEmbeddedPostgres({
        dataDirectory: run === 1 ? DATA_FOLDER : `${DATA_FOLDER}-${run}`,
        port: 0,
        superuserPassword: randomUUID(),
        settings: {
          ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
          // Each of some thousand connections would hash its password 4,096 times on either side.
          scram_iterations: '1',
          max_connections: String(Math.max(200, 100 * workers)),
        },
      });
    } catch (error) {
      const isBusy = error instanceof EmbeddedPostgresError && error.fault === 'ALREADY_RUNNING';
      if (!isBusy || run === MAX_RUNS_AT_ONCE) throw error;
    }
  }
}

function randomCredentials(): DatabaseCredentials {
  const entries = SERVICES.map(
    (service) => [service, { ownerPassword: randomUUID(), appPassword: randomUUID() }] as const,
  );
  return Object.fromEntries(entries) as Record<Service, { ownerPassword: string; appPassword: string }>;
}
