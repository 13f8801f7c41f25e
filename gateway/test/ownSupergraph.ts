import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase, type TestServer } from '../../prisma/testDatabase';
import type { SharedService } from '../../subgraphs/shared/test/sharedServices';
import { createStandInKey } from '../dev/clerkStandIn';
import { freePort } from '../dev/ports';
import { type ServiceProcess, startService } from '../dev/serviceProcess';
import { type RunningGraph, SERVICES, type ServiceName, TestSupergraph } from './startSupergraph';

/** A test's own graph, on free ports and its own databases, for tests that need settings or kill services. */
export class OwnSupergraph extends TestSupergraph {
  #services = new Map<ServiceName, ServiceProcess>();

  private constructor(
    running: RunningGraph,
    private readonly databases: TestDatabase[],
    private readonly more: Record<string, string>,
  ) {
    super(running);
  }

  /**
   * @param more settings beside those that every graph has.
   * @param server where its databases are, if not on the test run's.
   * @throws Error with what the services said when one of them does not start.
   */
  static override async start(more: Record<string, string> = {}, server?: TestServer): Promise<OwnSupergraph> {
    const [tenant, product, order] = await Promise.all([
      createTestDatabase('tenant', 'migrated', server),
      createTestDatabase('product', 'migrated', server),
      createTestDatabase('order', 'migrated', server),
    ]);
    const ports = Object.fromEntries(
      await Promise.all(SERVICES.map(async (name) => [name, await freePort()] as const)),
    ) as Record<ServiceName, number>;
    const mediaPath = await mkdtemp(join(tmpdir(), 'media-'));
    const databases = { tenant, product, order };
    const logFile = join(mediaPath, 'services.log');
    const running = { ports, databases, key: createStandInKey(), mediaPath, logFile };
    const graph = new OwnSupergraph(running, Object.values(databases), more);
    const starts = await Promise.allSettled(SERVICES.map((name) => graph.startService(name)));
    const failed = starts.find((start) => start.status === 'rejected');
    if (!failed) return graph;
    // Otherwise services that did start would keep running, and keep Jest from ending.
    const said = graph.lines;
    await graph.stop();
    throw new Error([failed.reason.message, ...said].join('\n'));
  }

  override env(): Record<string, string> {
    return { ...super.env(), ...this.more };
  }

  /** A running service. @throws Error when it was killed. */
  service(name: ServiceName): ServiceProcess {
    const service = this.#services.get(name);
    if (!service) throw new Error(`The ${name} service does not run`);
    return service;
  }

  async startService(name: ServiceName): Promise<void> {
    const main = name === 'gateway' ? 'gateway/main.ts' : `subgraphs/${name}/main.ts`;
    const onLine = (line: string) => appendFileSync(this.running.logFile, `${name} ${line}\n`);
    const port = this.running.ports[name];
    this.#services.set(name, await startService({ name, main, port, env: this.env(), onLine }));
  }

  /** SIGKILL, as a crash. */
  async kill(name: ServiceName): Promise<void> {
    await this.#services.get(name)?.kill();
    this.#services.delete(name);
  }

  /** Ends them in order, and leaves the databases. */
  async stopServices(): Promise<void> {
    await Promise.all([...this.#services.values()].map((service) => service.stop()));
    this.#services.clear();
  }

  override async stop(): Promise<void> {
    await this.stopServices();
    await Promise.all(this.databases.map((database) => database.drop()));
    await rm(this.mediaPath, { recursive: true });
  }
}

/** The graph that all test files of a run share. */
export async function startShared(): Promise<SharedService<RunningGraph>> {
  const graph = await OwnSupergraph.start();
  return { about: graph.running, stop: () => graph.stop() };
}
