import { freePort } from '../../../gateway/dev/ports';
import { startService } from '../../../gateway/dev/serviceProcess';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import type { Audience } from '../caller';
import { SIGNING_KEY } from './askSubgraph';

/** A subgraph as a process of its own, on a database of its own. */
export interface SubgraphProcess {
  url: string;
  appUrl: string;
  ownerUrl: string;
  /** What it was started with. */
  env: Record<string, string>;
  /** Ends it as SIGTERM does; `close` does so where the test has not. */
  stop(): Promise<void>;
  /** Ends it and deletes its database. */
  close(): Promise<void>;
}

/**
 * @param settings beside those that every one has. @param its a database that is there already.
 * @throws Error with what the subgraph says when it does not start.
 */
export async function startSubgraphProcess(
  name: Audience,
  settings: Record<string, string>,
  its?: TestDatabase,
): Promise<SubgraphProcess> {
  const [database, port] = await Promise.all([its ?? createTestDatabase(name), freePort()]);
  const prefix = name.toUpperCase();
  const env = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    CALLER_SIGNING_KEY: SIGNING_KEY,
    [`${prefix}_PORT`]: String(port),
    [`${prefix}_DATABASE_URL`]: database.appUrl,
    ...settings,
  };
  const running = await startService({ name, main: `subgraphs/${name}/main.ts`, port, env });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= running.stop();
    return stopped;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    appUrl: database.appUrl,
    ownerUrl: database.ownerUrl,
    env,
    stop,
    close: async () => {
      await stop();
      await database.drop();
    },
  };
}
