import { PrismaPg } from '@prisma/adapter-pg';
import type { QueryConfig, QueryResult } from 'pg';
import type { Audience } from './caller';
import { refuseOtherSession } from './databaseSession';
import { expectedSchema } from './expectedSchema';
import type { PoolCounts } from './metrics/poolMetrics';
import { TenantPool } from './tenantPool';

/** A Prisma client without the calls that run in another caller's async context, and so in another tenant's scope. */
export type TenantBound<Client> = {
  [Key in keyof Client]: Client[Key] extends { findUnique: unknown }
    ? Omit<Client[Key], 'findUnique' | 'findUniqueOrThrow'>
    : Client[Key];
};

/** The options of every subgraph's Prisma client. Under load a transaction waits for a connection instead of failing immediately. */
export const clientOptions = {
  // Keeps the query's values, which may be personal data, out of error messages.
  errorFormat: 'minimal',
  transactionOptions: { maxWait: 5_000, timeout: 9_000 },
} as const;

interface PrismaClientLike {
  $extends(extension: unknown): unknown;
  $disconnect(): Promise<void>;
}

/** A transaction of the current scope, on its own connection. */
export interface Transaction {
  /** @param statement may have its own `query_timeout` in milliseconds, if it takes longer than the pool allows. */
  query(statement: QueryConfig & { query_timeout?: number }): Promise<QueryResult>;
}

/** Runs `work` in a transaction; an error rolls it back. `begin` is BEGIN with its options, such as `BEGIN READ ONLY`. */
export type InTransaction = <Result>(begin: string, work: (tx: Transaction) => Promise<Result>) => Promise<Result>;

interface Database<Client> {
  db: TenantBound<Client>;
  /** For what Prisma can't express: cursors, and statements on tables that are known only at run time. */
  inTransaction: InTransaction;
  connections(): PoolCounts;
  /** Resolves when the database answers, and has all that this version of the code has migrations for. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a subgraph's database as its app role.
 * @throws Error when the role could bypass row-level security, or has no timeouts, the session has other settings than ours, or the
 * database does not answer.
 */
export async function openDatabase<Client extends PrismaClientLike>(
  service: Audience,
  url: string,
  poolSize: number,
  createClient: (adapter: PrismaPg) => Client,
): Promise<Database<Client>> {
  const pool = await openPool(url, poolSize);
  const client = createClient(new PrismaPg(pool));
  return {
    db: tenantBound(client),
    inTransaction: transactionsOn(pool),
    connections: () => ({
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      pending: pool.waitingCount,
    }),
    ready: expectedSchema(service, (sql) => pool.inspect(sql)),
    close: async () => {
      await client.$disconnect();
      await pool.end();
    },
  };
}

/** Opens any subgraph's database for an operator's command, which reads or writes tables by their names. @throws as openDatabase. */
export async function openTransactions(url: string): Promise<{ inTransaction: InTransaction; close(): Promise<void> }> {
  const pool = await openPool(url, 1);
  return { inTransaction: transactionsOn(pool), close: () => pool.end() };
}

async function openPool(url: string, max: number): Promise<TenantPool> {
  const pool = new TenantPool({ connectionString: url, max });
  pool.on('error', () => {
    // An idle connection was lost. The pool has removed it, and opens another one when needed.
  });
  try {
    await refuseUnfitRole(pool);
    await refuseOtherSession((sql) => pool.inspect(sql));
    await pool.nameStatements();
    await pool.cancelAbandonedReads();
  } catch (error) {
    await pool.end();
    throw error;
  }
  return pool;
}

const transactionsOn =
  (pool: TenantPool): InTransaction =>
  async (begin, work) => {
    const connection = await pool.begin(begin);
    try {
      const result = await work(connection);
      await connection.query({ text: 'COMMIT' });
      return result;
    } finally {
      // If `work` threw, the connection is still inside the transaction; the pool then closes it, which rolls back.
      connection.release();
    }
  };

/**
 * Prisma batches the findUnique calls of one tick, and runs a $transaction([…]) array, in the first caller's async context, so
 * concurrent tenants would get each other's scope. The types hide both; this refuses calls that evade the types.
 */
function tenantBound<Client extends PrismaClientLike>(client: Client): TenantBound<Client> {
  const refuse = ({ operation }: { operation: string }) => {
    throw new Error(`${operation} runs in another caller's scope: use findFirst`);
  };
  const guarded = client.$extends({
    query: { $allModels: { findUnique: refuse, findUniqueOrThrow: refuse } },
  }) as { $transaction(work: unknown, options?: unknown): unknown };
  const transaction = guarded.$transaction.bind(guarded);
  const interactiveOnly = (work: unknown, options?: unknown) => {
    if (typeof work !== 'function')
      throw new Error('$transaction([…]) runs in another caller’s scope: pass a function');
    return transaction(work, options);
  };
  return new Proxy(guarded, {
    get: (target, key, receiver) => (key === '$transaction' ? interactiveOnly : Reflect.get(target, key, receiver)),
  }) as TenantBound<Client>;
}

async function refuseUnfitRole(pool: TenantPool): Promise<void> {
  const { rows } = await pool.inspect(`
    SELECT current_user AS role, rolsuper, rolbypassrls,
           EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid AND relkind IN ('r', 'p')) AS owns_tables,
           EXISTS (SELECT 1 FROM pg_auth_members WHERE member = pg_roles.oid) AS is_member,
           current_setting('statement_timeout') = '0' OR current_setting('lock_timeout') = '0' AS waits_for_ever
    FROM pg_roles WHERE rolname = current_user`);
  const [role] = rows;
  if (role.rolsuper || role.rolbypassrls || role.owns_tables || role.is_member) {
    throw new Error(
      `The database role "${role.role}" can bypass row-level security: connect with the app role, which owns nothing`,
    );
  }
  if (role.waits_for_ever) {
    throw new Error(
      `The database role "${role.role}" has no statement_timeout or no lock_timeout: run npm run databases:create`,
    );
  }
}
