import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Client } from 'pg';
import { currentTrace } from '../trace';

/** A statement that was sent to a database for a tenant. */
export interface Statement {
  /** The trace id of the request that caused it; null outside of a trace. */
  trace: string | null;
  tenantId: string;
  sql: string;
  /** Whether a parameter is the tenant, or the text contains it, as that of a cursor has to. */
  namesTenant: boolean;
  /** Such as `order_db`. */
  database: string;
  /** The same for all statements of one transaction. */
  transaction: string;
}

type Query = (this: Observed, statement: unknown, ...more: unknown[]) => unknown;
type Observed = Client & { boundTo?: string | null; transaction?: string };

/** Logs each statement of this process for a tenant as a line of `file`, before it is sent. */
export function observeStatements(file: string): void {
  const prototype = Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  let transactions = 0;
  prototype.query = function (statement, ...more) {
    const { text, values = [] } = asConfig(statement);
    if (text === 'SELECT set_tenant($1)') {
      this.boundTo = String(values[0]);
      this.transaction = `${process.pid}.${++transactions}`;
    } else if (text === 'COMMIT' || text === 'ROLLBACK') this.boundTo = null;
    else if (this.boundTo) {
      const line: Statement = {
        trace: currentTrace()?.split('-')[1] ?? null,
        tenantId: this.boundTo,
        sql: text,
        namesTenant: [text, ...values].some((value) => String(value).includes(this.boundTo ?? '')),
        database: this.database ?? '',
        transaction: this.transaction ?? '',
      };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    }
    return query.call(this, statement, ...more);
  };
}

function asConfig(statement: unknown): { text: string; values?: unknown[] } {
  if (typeof statement === 'string') return { text: statement };
  const { text, values } = (statement ?? {}) as { text?: string; values?: unknown[] };
  return { text: text ?? '', ...(values && { values }) };
}

/** Reads the log of {@link observeStatements} while it grows. */
export class StatementLog {
  #read = 0;
  #rest = '';
  readonly #statements: Statement[] = [];
  readonly #byTrace = new Map<string | null, Statement[]>();

  constructor(readonly file: string) {
    appendFileSync(file, '');
  }

  all(): readonly Statement[] {
    const lines = (this.#rest + this.#readOn()).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#add(JSON.parse(line));
    return this.#statements;
  }

  /** The statements that a request caused; its id is a UUID. */
  of(requestId: string): Statement[] {
    this.all();
    return this.#byTrace.get(requestId.replaceAll('-', '')) ?? [];
  }

  /** What was written since the last time. The whole file is many megabytes by the end. */
  #readOn(): string {
    const file = openSync(this.file, 'r');
    try {
      const bytes = Buffer.alloc(fstatSync(file).size - this.#read);
      this.#read += readSync(file, bytes, 0, bytes.length, this.#read);
      return bytes.toString();
    } finally {
      closeSync(file);
    }
  }

  #add(statement: Statement): void {
    this.#statements.push(statement);
    const others = this.#byTrace.get(statement.trace);
    if (others) others.push(statement);
    else this.#byTrace.set(statement.trace, [statement]);
  }
}
