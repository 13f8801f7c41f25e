import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, DriverAdapterError } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import { DatabaseError, Pool, type PoolConfig, types } from 'pg';
import { SessionClient } from '../../subgraphs/shared/databaseSession';
import { onDatabase, withClient } from '../databases';
import type { Datamodel } from '../datamodel';
import { LOCK_WAITS, type LockWaits, runWithLockTimeout } from './lockWaits';
import { MigrationError } from './migrationError';

// Node has it, but TypeScript declares it only in the lib of the DOM.
declare const WebAssembly: {
  instantiate(binary: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

/** All tables and enums of the database belong to the schema. */
export const NO_FILTER = { externalTables: [], externalEnums: [] };

/**
 * Runs `work` with Prisma's schema engine on a database, as WebAssembly, so that nothing has to be downloaded, and closes the connection.
 * It does not run inside Jest, which can't load ES modules.
 * @throws DatabaseError when PostgreSQL rejects a script; MigrationError with the engine's message otherwise.
 */
export async function withSchemaEngine<Result>(
  url: string,
  datamodel: Datamodel,
  work: (engine: SchemaEngine) => Promise<Result>,
  waits: LockWaits = LOCK_WAITS,
): Promise<Result> {
  const { SchemaEngine } = await loadEngine();
  const adapter = new MigrationPg(url, waits);
  try {
    const factory = bindMigrationAwareSqlAdapterFactory(adapter);
    const engine = await SchemaEngine.new({ datamodels: datamodel }, () => {}, factory);
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } catch (error) {
    if (adapter.refusal) throw adapter.refusal;
    throw new MigrationError(`Prisma's schema engine refuses: ${summaryOf(error)}`, { cause: error });
  } finally {
    await adapter.close();
  }
}

/** The message without the engine's stack trace. */
const summaryOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n   0: ')[0] ?? '';

/** Prisma's driver adapter, with what it lacks for migrations. */
class MigrationPg extends PrismaPg {
  /** PostgreSQL's error for a script; the engine passes on a summary only. */
  refusal: DatabaseError | undefined;
  readonly #pools: CatalogPool[] = [];
  readonly #shadows: string[] = [];

  constructor(
    private readonly url: string,
    private readonly waits: LockWaits,
  ) {
    super(url);
  }

  override connect() {
    return this.#connectTo(this.url);
  }

  /** The original connects to the main database again when it is given a URL. */
  override async connectToShadowDb() {
    const name = `shadow_${randomUUID()}`;
    await withClient(this.url, (client) => client.query(`CREATE DATABASE "${name}"`));
    this.#shadows.push(name);
    return this.#connectTo(onDatabase(this.url, name));
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.disconnect()));
    for (const name of this.#shadows) await withClient(this.url, (client) => client.query(`DROP DATABASE "${name}"`));
  }

  async #connectTo(url: string) {
    // One connection: it holds the engine's advisory lock.
    const pool = new CatalogPool({ connectionString: url, max: 1, idleTimeoutMillis: 0 });
    this.#pools.push(pool);
    const adapter = await new PrismaPg(pool).connect();
    // The original splits a script at every semicolon, also within a function's body. As one query it is also one transaction, unless it is one
    // statement that can't be in any (CONCURRENTLY).
    adapter.executeScript = (script) => this.#execute(pool, script);
    const { queryRaw } = adapter;
    adapter.queryRaw = async (query) => {
      const result = await queryRaw.call(adapter, query);
      const columnTypes = result.columnTypes.map((type) =>
        type === STAND_IN.columnType ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes };
    };
    return adapter;
  }

  async #execute(pool: Pool, script: string): Promise<void> {
    // The pool's own query closes the connection after an error, and with it go its settings and the engine's advisory lock.
    const client = await pool.connect();
    try {
      await runWithLockTimeout((sql) => client.query(sql), script, this.waits);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      this.refusal = error;
      const { code = '', severity = '', message, detail, column, hint } = error;
      throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint });
    } finally {
      client.release();
    }
  }
}

/**
 * PostgreSQL's catalog has columns of the type "char", which the engine reads as Character and Prisma's adapter does not support. They
 * pass the adapter as another type, which no catalog table has.
 */
const STAND_IN = { oid: types.builtins.UUID, columnType: ColumnTypeEnum.Uuid };

class CatalogPool extends Pool {
  readonly #disconnected: Promise<void>[] = [];

  constructor(config: PoolConfig) {
    super({ ...config, Client: SessionClient });
    this.on('connect', (client) => {
      this.#disconnected.push(new Promise((resolve) => client.once('end', resolve)));
    });
  }

  /** `end` resolves before its connections are closed, and an open connection keeps a database from being copied or dropped. */
  async disconnect(): Promise<void> {
    await this.end();
    await Promise.all(this.#disconnected);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the signature of pg's overloads; Prisma only uses this one form.
  override async query(statement: any): Promise<any> {
    const result = await super.query(statement);
    for (const field of result.fields ?? []) {
      if (field.dataTypeID === types.builtins.CHAR) field.dataTypeID = STAND_IN.oid;
    }
    return result;
  }
}

let loading: ReturnType<typeof load> | undefined;

/** Once per process: the package caches views of the first instance's memory. */
function loadEngine() {
  loading ??= load();
  return loading;
}

/** Node can't import .wasm files: this does what the package's own schema_engine.js does, and compiles the module itself. */
async function load() {
  // The engine calls this on a panic, after which its promise never settles: throwing ends the process with a message.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message(message: string) {
        throw new Error(`Prisma's schema engine has crashed: ${message}`);
      },
    },
  });
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const folder = dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  const { instance } = await WebAssembly.instantiate(await readFile(join(folder, 'schema_engine_bg.wasm')), {
    './schema_engine_bg.js': { ...glue, ...unreferencedTimers(glue) },
  });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return glue;
}

/** The engine does not clear its ten-second timer for the advisory lock, which would keep the process from exiting. */
function unreferencedTimers(glue: object) {
  const timers = Object.entries(glue).filter(([name]) => name.startsWith('__wbg_setTimeout'));
  return Object.fromEntries(
    timers.map(([name, setTimer]) => [name, (...args: unknown[]) => (setTimer(...args) as NodeJS.Timeout).unref()]),
  );
}
