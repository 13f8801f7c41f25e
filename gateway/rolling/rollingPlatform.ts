import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES as DATABASES } from '../../prisma/databases';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../prisma/embeddedPostgres';
import { callOutsideJest } from '../../prisma/test/callOutsideJest';
import { createTestDatabase, dropLeftovers, type TestServer } from '../../prisma/testDatabase';
import { createStandInKey } from '../dev/clerkStandIn';
import { freePort } from '../dev/ports';
import { type ServiceProcess, startService } from '../dev/serviceProcess';
import { type RunningGraph, SERVICES, type ServiceName, TestSupergraph } from '../test/startSupergraph';
import { Balancer } from './balancer';

const INSTANCES = 2;
/** As in production. */
const DRAIN_SECONDS = 5;

interface Instance {
  port: number;
  process: ServiceProcess;
}

/** Two instances of each service behind a load balancer each, on one PostgreSQL. All end together with this process. */
export class RollingPlatform extends TestSupergraph {
  readonly #instances = new Map<ServiceName, Instance[]>();
  readonly #balancers = new Map<ServiceName, Balancer>();
  /** Of the processes that are started from now on: see decision 107. */
  callerKeys: string;

  private constructor(
    running: RunningGraph,
    private readonly postgres: EmbeddedPostgres,
  ) {
    super(running);
    this.callerKeys = super.env().CALLER_SIGNING_KEY ?? '';
  }

  static async begin(dataDirectory: string): Promise<RollingPlatform> {
    const postgres = await startEmbeddedPostgres({
      dataDirectory,
      port: 0,
      superuserPassword: randomUUID(),
      settings: { max_connections: '200' },
    });
    const credentials = Object.fromEntries(
      DATABASES.map((name) => [name, { ownerPassword: randomUUID(), appPassword: randomUUID() }]),
    ) as TestServer['credentials'];
    const server: TestServer = { adminUrl: postgres.adminUrl, credentials };
    await dropLeftovers(server.adminUrl);
    await callOutsideJest('test/templates', 'buildTemplates', server.adminUrl, credentials);
    const [tenant, product, order] = await Promise.all(
      DATABASES.map((name) => createTestDatabase(name, 'migrated', server)),
    );
    if (!tenant || !product || !order) throw new Error('A database is missing');
    const ports = Object.fromEntries(
      await Promise.all(SERVICES.map(async (name) => [name, await freePort()] as const)),
    ) as Record<ServiceName, number>;
    const mediaPath = await mkdtemp(join(tmpdir(), 'rolling-'));
    const databases = { tenant, product, order };
    const logFile = join(mediaPath, 'services.log');
    const platform = new RollingPlatform({ ports, databases, key: createStandInKey(), mediaPath, logFile }, postgres);
    for (const name of SERVICES) {
      platform.#balancers.set(name, await Balancer.listen(ports[name]));
      platform.#instances.set(name, []);
    }
    for (const name of SERVICES) for (let n = 0; n < INSTANCES; n++) await platform.#startOne(name);
    return platform;
  }

  /** One after the other: a new instance is started, and an old one gets SIGTERM when the new one has connections. */
  async replace(name: ServiceName): Promise<void> {
    for (let n = 0; n < INSTANCES; n++) {
      await this.#startOne(name);
      const [old] = this.#instances.get(name)?.splice(0, 1) ?? [];
      if (!old) throw new Error(`No ${name} runs`);
      const reason = old.process.ended;
      await old.process.stop();
      this.#balancers.get(name)?.remove(old.port);
      const code = await reason;
      if (code !== 'exit code 0') throw new Error(`${name} ended with ${code}`);
    }
  }

  override async stop(): Promise<void> {
    await Promise.all([...this.#instances.values()].flat().map(({ process }) => process.stop()));
    for (const balancer of this.#balancers.values()) balancer.stop();
    await this.postgres.stop();
  }

  async #startOne(name: ServiceName): Promise<void> {
    const port = await freePort();
    const main = name === 'gateway' ? 'gateway/main.ts' : `subgraphs/${name}/main.ts`;
    const env = {
      ...this.env(),
      LOG_LEVEL: 'warn',
      DRAIN_SECONDS: String(DRAIN_SECONDS),
      CALLER_SIGNING_KEY: this.callerKeys,
      [`${name.toUpperCase()}_PORT`]: String(port),
    };
    const onLine = (line: string) => appendFileSync(this.running.logFile, `${name} ${line}\n`);
    const process = await startService({ name, main, port, env, onLine });
    this.#instances.get(name)?.push({ port, process });
    await this.#balancers.get(name)?.add(port);
  }
}
