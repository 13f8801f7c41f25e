import os from 'node:os';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type PoolClient, type PoolConfig, type QueryConfig, type QueryResult } from 'pg';
import { ReadCanceled, readOnlySignal } from './cancellation';
import { SessionClient } from './databaseSession';
import { type StatementMetrics, statementMetrics } from './metrics/statementMetrics';
import { currentScope, type Scope, ScopeMissing } from './scope';
import { StatementNames } from './statementNames';
import { beginSpan, currentRecord } from './trace';

/**
 * In milliseconds. `query_timeout` is enforced by this process, which closes the connection, so that an unresponsive server can't block
 * a caller for ever. It is longer than the app role's timeouts on the server: see prisma/databases.ts.
 */
const LIMITS = { connectionTimeoutMillis: 5_000, query_timeout: 12_000 };

/** Prisma's driver adapter sends this first on each connection that it takes from the pool. */
const PRISMA_BEGIN = 'BEGIN';

/**
 * A pool that binds each statement to the current scope, below Prisma. Each statement runs in its own transaction, together with a call
 * of set_tenant, so that row-level security applies and nothing of a scope stays on the connection. That also works behind PgBouncer in
 * transaction mode. The four messages are sent in one round trip.
 *
 * Statements of a read-only request (see cancellation.ts) run in a READ ONLY transaction, in which PostgreSQL refuses changes and row
 * locks, so they can be canceled. They are not prepared: PostgreSQL may plan a prepared statement for an average store, which can be
 * a bad plan for a big store's list. Other statements mostly find rows by key, and are prepared.
 */
export class TenantPool extends Pool {
  #names: StatementNames | null = null;
  /** How long PostgreSQL continues after its connection was closed; 0 when it does not notice that. */
  #noticesCloseWithinMs = 0;

  readonly #metrics: StatementMetrics;

  constructor(config: PoolConfig) {
    super({ ...LIMITS, keepAlive: true, ...config, pipeline: true, Client: SessionClient } as PoolConfig);
    this.#metrics = statementMetrics(config.connectionString);
  }

  /**
   * Cancels a read by closing its connection. PostgreSQL's cancel request would name a connection, and might hit the next statement on it.
   * @throws ScopeMissing before anything is sent when there is no scope; ReadCanceled.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the signature of pg's overloads; Prisma only uses this one form.
  override async query(statement: any): Promise<any> {
    const scope = currentScope();
    const bind = bindingOf(scope);
    const signal = readOnlySignal();
    if (signal?.aborted) throw new ReadCanceled();
    const client = await this.checkOut();
    if (signal?.aborted) {
      releaseClean(client);
      throw new ReadCanceled();
    }
    const asked = asConfig(statement);
    const measured = roundTrip(this.#metrics, scope, asked.text);
    const answers = inOneWrite(client, () => [
      client.query(signal ? 'BEGIN READ ONLY' : 'BEGIN'),
      client.query(withName(bind, this.#names)),
      client.query(signal ? asked : withName(asked, this.#names)),
      client.query('COMMIT'),
    ]);
    const hangUp = () => void streamOf(client).destroy();
    if (this.#noticesCloseWithinMs > 0) signal?.addEventListener('abort', hangUp);
    const steps = await Promise.allSettled(answers);
    signal?.removeEventListener('abort', hangUp);
    const fault = steps.find((step) => step.status === 'rejected')?.reason;
    measured(fault);
    const isCanceled = signal?.aborted && isConnectionFault(fault);
    // Keeps the pool's slot until PostgreSQL has noticed, so that a client that repeatedly disconnects can't use more connections than the pool has.
    if (isCanceled) await sleep(this.#noticesCloseWithinMs);
    releaseClean(client, isUseless(fault));
    if (isCanceled) throw new ReadCanceled();
    if (fault) throw asDriverError(fault);
    return answers[2];
  }

  /** A connection for one interactive transaction, which Prisma begins and ends; its BEGIN binds the scope. */
  // biome-ignore lint/suspicious/noExplicitAny: see query.
  override async connect(): Promise<any> {
    const scope = currentScope();
    return new BoundClient(await this.checkOut(), scope, this.#names, this.#metrics);
  }

  /**
   * A connection in a transaction of the current scope. Its statements are not prepared, since they differ for each table.
   * @param begin `BEGIN` with its options.
   */
  async begin(begin: string): Promise<BoundClient> {
    const scope = currentScope();
    const client = new BoundClient(await this.checkOut(), scope, null, this.#metrics);
    try {
      await client.begin({ text: begin });
      return client;
    } catch (error) {
      client.release();
      throw error;
    }
  }

  /**
   * Prepares statements from now on, unless a pooler is between: in transaction mode the next statement may get another server connection,
   * which does not know the prepared one. A pooler is recognized by its invented process id.
   */
  async nameStatements(): Promise<void> {
    const client = await this.checkOut();
    try {
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
      const { processID } = client as PoolClient & { processID: number };
      if (rows[0]?.pid === processID) this.#names = new StatementNames();
    } finally {
      releaseClean(client);
    }
  }

  /** Cancels reads from now on, if PostgreSQL can notice a closed connection during a statement. */
  async cancelAbandonedReads(): Promise<void> {
    const { rows } = await this.inspect(
      `SELECT setting::int AS ms FROM pg_settings WHERE name = 'client_connection_check_interval'`,
    );
    this.#noticesCloseWithinMs = rows[0]?.ms ?? 0;
  }

  private async checkOut(): Promise<PoolClient> {
    const begun = performance.now();
    try {
      const client = await super.connect();
      client.on('error', leftToQueries);
      return client;
    } catch (error) {
      throw asDriverError(error as Error);
    } finally {
      this.#metrics.observeWait((performance.now() - begun) / 1_000);
    }
  }

  /** The only way to send a statement without a scope: for queries about the connection itself, such as its role. */
  async inspect(sql: string): Promise<QueryResult> {
    const client = await this.checkOut();
    try {
      return await client.query(sql);
    } finally {
      releaseClean(client);
    }
  }
}

/** The part of a pooled client that Prisma uses. It refuses statements outside the transaction or in another scope. */
class BoundClient {
  #begun = false;
  #broken = false;

  constructor(
    private readonly client: PoolClient,
    private readonly scope: Scope,
    private readonly names: StatementNames | null,
    private readonly metrics: StatementMetrics,
  ) {}

  /** Sends BEGIN and the statement that binds the scope together, in one round trip. */
  begin(statement: QueryConfig): Promise<QueryResult> {
    return this.guarded(statement.text, async () => {
      this.#begun = true;
      const { client, scope, names } = this;
      const [began] = await Promise.all(
        inOneWrite(client, () => [client.query(statement), client.query(withName(bindingOf(scope), names))] as const),
      );
      return began;
    });
  }

  async query(statement: QueryConfig): Promise<QueryResult> {
    if (JSON.stringify(currentScope()) !== JSON.stringify(this.scope)) throw new ScopeMissing();
    if (this.#begun) return this.guarded(statement.text, () => this.client.query(withName(statement, this.names)));
    if (statement.text !== PRISMA_BEGIN) throw new ScopeMissing();
    return this.begin(statement);
  }

  private async guarded(text: string, send: () => Promise<QueryResult>): Promise<QueryResult> {
    const measured = roundTrip(this.metrics, this.scope, text);
    try {
      const result = await send();
      measured();
      return result;
    } catch (error) {
      measured(error);
      this.#broken ||= isUseless(error);
      throw asDriverError(error as Error);
    }
  }

  on(event: 'error', listener: (error: Error) => void): void {
    this.client.on(event, listener);
  }

  removeListener(event: 'error', listener: (error: Error) => void): void {
    this.client.removeListener(event, listener);
  }

  release(): void {
    releaseClean(this.client, this.#broken);
  }
}

/** @returns what ends a round trip: it is measured, and part of what the current request has used. */
function roundTrip(metrics: StatementMetrics, scope: Scope, text: string): (error?: unknown) => void {
  const record = currentRecord();
  // Its values are sent beside it, and are not in the text.
  const span = beginSpan('PostgreSQL', 'CLIENT', { 'db.system.name': 'postgresql', 'db.query.text': text });
  const begun = performance.now();
  return (error) => {
    const milliseconds = performance.now() - begun;
    metrics.observe(scope, milliseconds / 1_000, error);
    span?.end(error);
    if (!record) return;
    record.statements += 1;
    record.sqlMs += milliseconds;
  };
}

/** Writes all that `queries` sends to the socket with one system call, instead of one for each query. */
function inOneWrite<Answers>(client: PoolClient, queries: () => Answers): Answers {
  const stream = streamOf(client);
  stream.cork();
  try {
    return queries();
  } finally {
    stream.uncork();
  }
}

const streamOf = (client: PoolClient): Writable =>
  (client as PoolClient & { connection: { stream: Writable } }).connection.stream;

const asConfig = (statement: string | QueryConfig): QueryConfig =>
  typeof statement === 'string' ? { text: statement } : statement;

function withName(statement: QueryConfig, names: StatementNames | null): QueryConfig {
  const name = names?.nameOf(statement.text);
  return name === undefined ? statement : { ...statement, name };
}

function bindingOf(scope: Scope): QueryConfig {
  if ('tenantId' in scope) return { text: 'SELECT set_tenant($1)', values: [scope.tenantId] };
  if ('storeSlug' in scope) return { text: 'SELECT set_store_slug($1)', values: [scope.storeSlug] };
  if ('storeHost' in scope) return { text: 'SELECT set_store_host($1)', values: [scope.storeHost] };
  if ('appTokenHash' in scope) return { text: 'SELECT set_app_token($1)', values: [scope.appTokenHash] };
  if ('memberUserId' in scope) return { text: 'SELECT set_member($1)', values: [scope.memberUserId] };
  return { text: 'SELECT set_task($1)', values: [scope.task] };
}

/** The messages of `pg` for a connection that was lost or could not be opened: these errors have no code that Prisma knows. */
const CONNECTION_FAULT =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|write EPIPE|Client (was closed|has encountered a connection error))/;

const isConnectionFault = (error: unknown): boolean => error instanceof Error && CONNECTION_FAULT.test(error.message);

/** A migration has changed the result type of a prepared statement: only a new connection can execute it. */
const PLAN_OUTDATED = /^cached plan must not change result type/;

const isUseless = (error: unknown): boolean =>
  isConnectionFault(error) || (error instanceof Error && PLAN_OUTDATED.test(error.message));

/** Adds the code of a socket error, by which Prisma recognizes a lost connection. */
function asDriverError(error: Error): Error {
  if (!isConnectionFault(error)) return error;
  return Object.assign(error, { code: 'ECONNRESET', syscall: 'read', errno: -os.constants.errno.ECONNRESET });
}

/** The queries on a lost connection fail by themselves; without this listener, its 'error' event would end the process. */
function leftToQueries(): void {}

/** Closes a connection that is broken or still inside a transaction, instead of returning it to the pool. */
function releaseClean(client: PoolClient, broken = false): void {
  client.off('error', leftToQueries);
  client.release(broken || client.getTransactionStatus() !== 'I');
}
