import os from 'node:os';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type PoolClient, type PoolConfig, type QueryConfig, type QueryResult } from 'pg';
import { cancellationFor, ReadCanceled } from './cancellation';
import { currentScope, type Scope, ScopeMissing } from './scope';
import { StatementNames } from './statementNames';

/**
 * In milliseconds. A server that went silent can't hold a caller for ever: `query_timeout` is this process's own, and ends the
 * connection. It is longer than what the server itself allows a statement: the limits of the app role, in prisma/databases.ts.
 */
const LIMITS = { connectionTimeoutMillis: 5_000, query_timeout: 12_000 };

/**
 * A pool that binds each statement to the current scope below Prisma, inside a transaction of its own, so that
 * row-level security sees who is asking and nothing stays on the connection after it. The four messages go out
 * together, in one round trip. Works behind PgBouncer in transaction mode for the same reason.
 */
export class TenantPool extends Pool {
  #names: StatementNames | null = null;
  /** How long PostgreSQL goes on after a connection is closed; 0 where it does not see that. */
  #seesClosedWithinMs = 0;

  constructor(config: PoolConfig) {
    super({ ...LIMITS, keepAlive: true, ...config, pipeline: true } as PoolConfig);
  }

  /**
   * A read that nobody waits for any more (see cancellation.ts) is ended by closing its connection, on which nobody else's statement
   * can be: a cancel request names a connection, and may find the next one there.
   * @throws ScopeMissing before anything is sent when there is no scope; ReadCanceled.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the signature of pg's overloads; Prisma only uses this one form.
  override async query(statement: any): Promise<any> {
    const bind = bindingOf(currentScope());
    const asked = asConfig(statement);
    const gone = cancellationFor(asked.text);
    if (gone?.aborted) throw new ReadCanceled();
    const client = await this.checkOut();
    if (gone?.aborted) {
      releaseClean(client);
      throw new ReadCanceled();
    }
    const answers = inOneWrite(client, () => [
      client.query('BEGIN'),
      client.query(withName(bind, this.#names)),
      client.query(withName(asked, this.#names)),
      client.query('COMMIT'),
    ]);
    const hangUp = () => void streamOf(client).destroy();
    if (this.#seesClosedWithinMs > 0) gone?.addEventListener('abort', hangUp);
    const steps = await Promise.allSettled(answers);
    gone?.removeEventListener('abort', hangUp);
    const fault = steps.find((step) => step.status === 'rejected')?.reason;
    const isAbandoned = gone?.aborted && isConnectionFault(fault);
    // Its place is taken until PostgreSQL has seen it, too: who hangs up again and again gets no more connections than the pool has.
    if (isAbandoned) await sleep(this.#seesClosedWithinMs);
    releaseClean(client, isUseless(fault));
    if (isAbandoned) throw new ReadCanceled();
    if (fault) throw asDriverError(fault);
    return answers[2];
  }

  /** A connection for one interactive transaction, which Prisma begins and ends; its BEGIN binds the scope. */
  // biome-ignore lint/suspicious/noExplicitAny: see query.
  override async connect(): Promise<any> {
    const scope = currentScope();
    return new BoundClient(await this.checkOut(), scope, this.#names);
  }

  /**
   * Gives statements names from now on where connections lead to PostgreSQL itself. By way of a pooler in transaction mode the next
   * statement may come to a connection that knows none of the names; it is told by the process id that it makes up for a connection.
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

  /** Ends reads that nobody waits for from now on, where PostgreSQL sees while it works that a connection was closed. */
  async endAbandonedReads(): Promise<void> {
    const { rows } = await this.inspect(
      `SELECT setting::int AS ms FROM pg_settings WHERE name = 'client_connection_check_interval'`,
    );
    this.#seesClosedWithinMs = rows[0]?.ms ?? 0;
  }

  private async checkOut(): Promise<PoolClient> {
    try {
      const client = await super.connect();
      client.on('error', leftToQueries);
      return client;
    } catch (error) {
      throw asDriverError(error as Error);
    }
  }

  /** The one way round the scope: for questions about the connection itself, such as which role it has. */
  async inspect(sql: string): Promise<QueryResult> {
    const client = await this.checkOut();
    try {
      return await client.query(sql);
    } finally {
      releaseClean(client);
    }
  }
}

/** What Prisma uses of a pooled client, refusing all that would run outside the transaction or for somebody else. */
class BoundClient {
  #begun = false;
  #broken = false;

  constructor(
    private readonly client: PoolClient,
    private readonly scope: Scope,
    private readonly names: StatementNames | null,
  ) {}

  async query(statement: QueryConfig): Promise<QueryResult> {
    if (JSON.stringify(currentScope()) !== JSON.stringify(this.scope)) throw new ScopeMissing();
    try {
      return await this.send(statement);
    } catch (error) {
      this.#broken ||= isUseless(error);
      throw asDriverError(error as Error);
    }
  }

  private async send(statement: QueryConfig): Promise<QueryResult> {
    if (statement.text.startsWith('BEGIN')) {
      this.#begun = true;
      const { client, scope, names } = this;
      const [began] = await Promise.all(
        inOneWrite(client, () => [client.query(statement), client.query(withName(bindingOf(scope), names))] as const),
      );
      return began;
    }
    if (!this.#begun) throw new ScopeMissing();
    return this.client.query(withName(statement, this.names));
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

/** Sends what `queries` puts on the connection with one system call, where `pg` would make one for each query. */
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
  if ('memberUserId' in scope) return { text: 'SELECT set_member($1)', values: [scope.memberUserId] };
  return { text: 'SELECT set_task($1)', values: [scope.task] };
}

/** What `pg` says of a connection that is gone, or that it could not get. It gives these errors no code, or none that Prisma knows. */
const CONNECTION_FAULT =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|write EPIPE|Client (was closed|has encountered a connection error))/;

const isConnectionFault = (error: unknown): boolean => error instanceof Error && CONNECTION_FAULT.test(error.message);

/** A migration has changed what a statement with a name returns: the connection says no to it for good, and a new one does not. */
const PLAN_OUTDATED = /^cached plan must not change result type/;

const isUseless = (error: unknown): boolean =>
  isConnectionFault(error) || (error instanceof Error && PLAN_OUTDATED.test(error.message));

/** Prisma tells a lost connection by the code of a socket's error. */
function asDriverError(error: Error): Error {
  if (!isConnectionFault(error)) return error;
  return Object.assign(error, { code: 'ECONNRESET', syscall: 'read', errno: -os.constants.errno.ECONNRESET });
}

/** A connection that is lost while it is in use fails the queries on it; without a listener it would end the process. */
function leftToQueries(): void {}

/** A connection that is still inside a transaction, or broken, is closed and not used again. */
function releaseClean(client: PoolClient, broken = false): void {
  client.off('error', leftToQueries);
  client.release(broken || client.getTransactionStatus() !== 'I');
}
