import { randomUUID } from 'node:crypto';
import { onDatabase, SERVICES, type Service } from '../../prisma/databases';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../prisma/embeddedPostgres';
import { callOutsideJest } from '../../prisma/test/callOutsideJest';
import { dropLeftovers, type TestServer } from '../../prisma/testDatabase';
import { OwnSupergraph } from '../test/ownSupergraph';
import { within } from './within';

export const VICTIMS = ['order', 'product', 'postgres'] as const;
export type Victim = (typeof VICTIMS)[number];

/** Longer than a dead process's lease plus a backoff, which may delay every order. */
const ARRIVAL_SECONDS = 100;
/** The longest wait for a restarted process. A service itself has 60 s to become ready. */
const START_SECONDS = 70;
const STOP_SECONDS = 30;

/**
 * The real processes, with their own PostgreSQL, which runs with fsync, so that acknowledged commits are durable. All
 * but PostgreSQL end together with this process; the next run on its folder stops PostgreSQL.
 */
export class ChaosPlatform {
  #held: { boundary: string; arrived: () => void } | null = null;
  #stopped = false;

  private constructor(
    readonly graph: OwnSupergraph,
    private postgres: EmbeddedPostgres,
    private readonly startPostgres: (port: number) => Promise<EmbeddedPostgres>,
  ) {}

  static async start(dataDirectory: string): Promise<ChaosPlatform> {
    const password = randomUUID();
    const startPostgres = (port: number) =>
      startEmbeddedPostgres({ dataDirectory, port, superuserPassword: password, settings: { max_connections: '200' } });
    const postgres = await startPostgres(0);
    try {
      const server: TestServer = { adminUrl: postgres.adminUrl, credentials: credentials() };
      await dropLeftovers(server.adminUrl);
      await callOutsideJest('test/templates', 'buildTemplates', server.adminUrl, server.credentials);
      const graph = await OwnSupergraph.start({ SAGA_HOLD: 'by-parent', LOG_LEVEL: 'warn' }, server);
      return new ChaosPlatform(graph, postgres, startPostgres);
    } catch (error) {
      await postgres.stop();
      throw error;
    }
  }

  /** URLs of a superuser, who bypasses row-level security: the invariants are checked over all rows. */
  get databases(): Record<Service, string> {
    const urlOf = (service: Service) =>
      onDatabase(this.postgres.adminUrl, new URL(this.graph.ownerUrl(service)).pathname.slice(1));
    return { tenant: urlOf('tenant'), product: urlOf('product'), order: urlOf('order') };
  }

  /** Makes orders wait at a boundary. Resolves when the first one waits there. */
  async holdAt(boundary: string): Promise<void> {
    const arrival = new Promise<void>((arrived) => {
      this.#held = { boundary, arrived };
    });
    const order = this.graph.service('order');
    order.onMessage((message) => {
      const { held } = message as { held?: string };
      if (held === this.#held?.boundary) this.#held?.arrived();
    });
    order.tell({ holdAt: boundary });
    await within(ARRIVAL_SECONDS, `An order's way to ${boundary}`, arrival);
  }

  /** Lets waiting orders continue. */
  letGo(): void {
    this.#held = null;
    this.graph.service('order').tell({ holdAt: null });
  }

  /** SIGKILL. */
  async kill(victim: Victim): Promise<void> {
    if (victim === 'postgres') {
      process.kill(this.postgres.pid, 'SIGKILL');
      await within(STOP_SECONDS, 'The end of PostgreSQL', this.postgres.exited);
    } else {
      await within(STOP_SECONDS, `The end of ${victim}`, this.graph.kill(victim));
    }
  }

  async restart(victim: Victim): Promise<void> {
    if (victim === 'postgres') {
      this.postgres = await within(START_SECONDS, 'The start of PostgreSQL', this.startPostgres(this.postgres.port));
    } else {
      await within(START_SECONDS, `The start of ${victim}`, this.graph.startService(victim));
    }
  }

  /** Ends the services, but leaves PostgreSQL running for an inspection. */
  async stopServices(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await within(STOP_SECONDS, 'The end of the services', this.graph.stopServices());
  }

  async stop(): Promise<void> {
    await this.stopServices().finally(() => within(STOP_SECONDS, 'The end of PostgreSQL', this.postgres.stop()));
  }
}

function credentials(): TestServer['credentials'] {
  const entries = SERVICES.map((name) => [name, { ownerPassword: randomUUID(), appPassword: randomUUID() }] as const);
  return Object.fromEntries(entries) as TestServer['credentials'];
}
