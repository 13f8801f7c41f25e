import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '../../../subgraphs/shared/caller';
import { createSubgraphClient } from '../../../subgraphs/shared/subgraphClient';
import { checksumOfTenant } from '../../../subgraphs/shared/test/checksumOfTenant';
import { StatementLog } from '../../../subgraphs/shared/test/observeStatements';
import { untilDelivered } from '../../../subgraphs/shared/test/untilDelivered';
import { OwnSupergraph } from '../ownSupergraph';
import { CALLER_SIGNING_KEY, STRIPE_WEBHOOK_SECRET, type TestSupergraph } from '../startSupergraph';
import { argumentsOf, type Names } from './argumentsOf';
import { type Answered, type Straight, send } from './asking';
import { callerOf } from './document';
import { type Leaf, listOperations, type Operation, SUBGRAPHS, type SubgraphName } from './operations';
import { type FullStore, makeFullStore, nobodys } from './stores';
import { nobodysText, textsOf } from './texts';

const SHARED_TESTS = join(__dirname, '../../../subgraphs/shared/test');
/** Statements without rows of their own: they read a cursor whose statement named the tenant, or nothing. */
const READS_NO_TABLE = /^(FETCH \d+ FROM|CLOSE|SET LOCAL) |FROM pg_(class|constraint)\b/;
/** Tables that background tasks change independently of requests: recorded events. */
const IN_ITS_OWN_TIME = /^(outbox|inbox)_/;

/** The whole graph with three stores. Tests request one store's objects as another store's caller. */
export class Walk {
  /** The caller that requests the other store's objects. */
  mine!: FullStore;
  /** The caller that sends the same requests with unknown identifiers, for comparison. */
  twin!: FullStore;
  theirs!: FullStore;
  readonly straight = {} as Straight;
  /** The identifiers requested so far, by kind: the other store's, and unknown ones. */
  readonly asked = { theirs: {} as Names, nobodys: {} as Names };
  /** SQL of the gateway's own look-ups of stores, memberships and tokens, which happen whenever its caches expire. */
  #ownQuestions = new Set<string>();
  #untouched = '';

  private constructor(
    readonly graph: TestSupergraph,
    private readonly folder: string,
    private readonly statements: StatementLog,
  ) {}

  /** @param filters `removed`: the services' statements no longer name the tenant, and row-level security is alone. */
  static async start(filters: 'kept' | 'removed' = 'kept'): Promise<Walk> {
    const folder = mkdtempSync(join(tmpdir(), 'isolation-'));
    const log = new StatementLog(join(folder, 'statements'));
    const preload = filters === 'kept' ? 'observeStatements' : 'withoutTenantFilters';
    const graph = await OwnSupergraph.start({
      // Tests send more requests in a minute than a person does.
      CALLER_COST_PER_MINUTE: '1000000000',
      NODE_OPTIONS: [
        './gateway/dev/ts',
        join(SHARED_TESTS, `${preload}.preload.ts`),
        join(__dirname, 'observeRoutes.preload.ts'),
      ]
        .map((module) => `--require ${module}`)
        .join(' '),
      OBSERVED_STATEMENTS: log.file,
      OBSERVED_ROUTES: join(folder, 'routes'),
      // Configured only so that its route exists; it takes no payments.
      STRIPE_SECRET_KEY: 'sk_test_isolation',
      STRIPE_WEBHOOK_SIGNING_SECRET: STRIPE_WEBHOOK_SECRET,
      STRIPE_API_URL: 'http://127.0.0.1:9',
    });
    const walk = new Walk(graph, folder, log);
    await walk.#makeStores();
    return walk;
  }

  async #makeStores(): Promise<void> {
    const { graph, straight } = this;
    const mine = await makeFullStore(graph, 'attacker', 2_000);
    const twin = await makeFullStore(graph, 'attacker', 2_000);
    const theirs = await makeFullStore(graph, 'victim', 500_000);
    Object.assign(this, { mine, twin, theirs });
    for (const name of SUBGRAPHS) {
      straight[name] = createSubgraphClient(graph.subgraphUrl(name), name, CALLER_SIGNING_KEY);
    }
    await this.#untilQuiet();
    const operations = listOperations();
    for (const store of [mine, twin, theirs]) Object.assign(store.names, await textsOf(graph, store, operations));
    const stranger = await graph.makeStore('stranger');
    for (const headers of [stranger.admin, mine.app]) {
      const requestId = randomUUID();
      await graph.ask({ ...headers, 'x-request-id': requestId }, '{ currentTenant { id } }');
      for (const { sql } of this.statements.of(requestId)) this.#ownQuestions.add(sql);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.straight).map((client) => client.close()));
    await this.graph.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Checksums of all rows of the other store, in all three databases, and of its files. */
  async #checksums(): Promise<Record<string, string>> {
    const sums = await Promise.all(
      SUBGRAPHS.map((name) => checksumOfTenant(this.graph.ownerUrl(name), this.theirs.store.id)),
    );
    const named = sums.flatMap((tables, index) =>
      Object.entries(tables)
        .filter(([table]) => !IN_ITS_OWN_TIME.test(table))
        .map(([table, sum]) => [`${SUBGRAPHS[index]}.${table}`, sum]),
    );
    return { ...Object.fromEntries(named), ...this.#filesOfTheirs() };
  }

  #filesOfTheirs(): Record<string, string> {
    const folder = join(this.graph.mediaPath, 'files', this.theirs.store.id);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(
      files.map(({ parentPath, name }) => {
        const path = join(parentPath, name);
        return [path, createHash('sha256').update(readFileSync(path)).digest('hex')];
      }),
    );
  }

  /** Each route of each running server, except those that Fastify adds for HEAD. */
  routes(): string[] {
    const lines = readFileSync(join(this.folder, 'routes'), 'utf8').split('\n');
    return [...new Set(lines)].filter((line) => line && line.split(' ')[1] !== 'HEAD').sort();
  }

  /** Waits until all background work for the other store is done. */
  async #untilQuiet(): Promise<void> {
    await untilDelivered(
      SUBGRAPHS.map((name) => this.graph.ownerUrl(name)),
      this.theirs.store.id,
    );
    for (;;) {
      const now = JSON.stringify(await this.#checksums());
      if (now === this.#untouched) return;
      this.#untouched = now;
      await sleep(1_500);
    }
  }

  /** Expects that no row and no file of the other store has changed since the stores were made. */
  async expectTheirsUntouched(): Promise<void> {
    expect(await this.#checksums()).toEqual(JSON.parse(this.#untouched));
  }

  /** Expects nothing of the other store in an answer, except requested identifiers: a slug, for example, may now be the caller's own. */
  expectNothingOfTheirs(answer: string): void {
    const asked = new Set(Object.values(this.asked.theirs));
    for (const name of Object.values(this.theirs.names)) {
      if (typeof name === 'string' && !asked.has(name)) expect(answer).not.toContain(name);
    }
  }

  /** The identifiers to request for a kind: the other store's, and an unknown one. */
  pairOf(kind: string): [string | number, string | number] {
    this.asked.theirs[kind] = named(kind, this.theirs.names);
    this.asked.nobodys[kind] ??= kind.startsWith('text ') ? nobodysText(kind, this.theirs) : nobodys(kind);
    return [this.asked.theirs[kind], this.asked.nobodys[kind]];
  }

  /** Sends an operation with `value` in one place. */
  ask(
    operation: Operation,
    leaf: Leaf | null,
    value: string | number | null,
    asker: FullStore,
    role: Role,
    how: { user?: string; refused?: boolean } = {},
  ) {
    const variables = argumentsOf(operation, leaf, value, asker.names, this.theirs.names, unique());
    return send(this, operation, variables, asker, role, how);
  }

  /** Requests entities of a subgraph, as the gateway does. */
  async entities(subgraph: SubgraphName, query: string, representations: object[], role: Role, asker = this.mine) {
    const requestId = randomUUID();
    const caller = callerOf(role, asker.store.id, 'user_ada', requestId);
    const answer = await this.straight[subgraph].execute<{ _entities: unknown[] }>(
      { query, variables: { representations } },
      caller,
    );
    return { answer, requestId };
  }

  /** The statements sent for a request's tenant, sorted: a measure of its work that does not depend on the machine's speed. */
  statementsOf({ requestId }: Pick<Answered, 'requestId'>): string[] {
    const sent = this.statements.of(requestId).map(({ sql }) => sql);
    return sent.filter((sql) => !this.#ownQuestions.has(sql)).sort();
  }

  /** Statements for a tenant that do not name it themselves, so that only row-level security protects them. */
  statementsWithoutTenant(): string[] {
    // Prisma reads the rows that it has changed; if there are none, it queries for a key that is NULL.
    const nameless = this.statements
      .all()
      .filter(
        ({ namesTenant, sql }) =>
          !namesTenant && !sql.includes('"tenant_id" IN (NULL)') && !READS_NO_TABLE.test(sql.trim()),
      );
    return [...new Set(nameless.map(({ sql }) => sql))].sort();
  }
}

const unique = () => randomUUID().slice(0, 8);

export function named(kind: string, names: Names): string | number {
  const value = names[kind];
  if (value === undefined) {
    throw new Error(`The test's stores have no "${kind}": give them one in gateway/test/isolation/stores.ts.`);
  }
  return value;
}
