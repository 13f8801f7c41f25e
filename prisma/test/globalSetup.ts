import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type DatabaseCredentials, SERVICES, type Service } from '../databases';
import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from '../embeddedPostgres';
import { announceTestServer, dropLeftovers } from '../testDatabase';
import { buildTemplates } from './templates';

const DATA_FOLDER = join(__dirname, '..', '..', '.data', 'test-postgres');
const MAX_RUNS_AT_ONCE = 8;

declare global {
  var embeddedTestPostgres: EmbeddedPostgres | undefined;
}

/** Jest's globalSetup: one PostgreSQL for the whole run, kept between runs, with a migrated template per service. */
export default async function globalSetup(): Promise<void> {
  const server = await startServer();
  try {
    const credentials = randomCredentials();
    await dropLeftovers(server.adminUrl);
    await buildTemplates(server.adminUrl, credentials);
    announceTestServer({ adminUrl: server.adminUrl, credentials });
    globalThis.embeddedTestPostgres = server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Concurrent runs in one checkout have a data folder each; the server's lock on it decides which. */
async function startServer(): Promise<EmbeddedPostgres> {
  for (let run = 1; ; run++) {
    try {
      return await startEmbeddedPostgres({
        dataDirectory: run === 1 ? DATA_FOLDER : `${DATA_FOLDER}-${run}`,
        port: 0,
        superuserPassword: randomUUID(),
        settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
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
