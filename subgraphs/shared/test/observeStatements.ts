import { appendFileSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { currentTrace } from '../trace';

/** A statement that was sent to a database for a tenant. */
export interface Statement {
  /** Of the request that it was sent for, or of what that caused; null when nobody said. */
  trace: string | null;
  tenantId: string;
  sql: string;
  /** Whether a value that was sent along is the tenant, or it is written in the statement, as a cursor's has to be. */
  namesTenant: boolean;
  /** Such as `order_db`. */
  database: string;
  /** The same for all statements of one transaction. */
  transaction: string;
}

type Query = (this: Observed, statement: unknown, ...more: unknown[]) => unknown;
type Observed = Client & { boundTo?: string | null; transaction?: string };

/** Writes down in `file`, a line each, what this process sends to its database for tenants, before it is sent. */
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

/** What was written down in a file by {@link observeStatements}, read as it grows. */
export class StatementLog {
  #read = 0;
  #rest = '';
  readonly #statements: Statement[] = [];
  readonly #byTrace = new Map<string | null, Statement[]>();

  constructor(readonly file: string) {
    appendFileSync(file, '');
  }

  all(): readonly Statement[] {
    const bytes = readFileSync(this.file).subarray(this.#read);
    this.#read += bytes.length;
    const lines = (this.#rest + bytes.toString()).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#add(JSON.parse(line));
    return this.#statements;
  }

  /** Those that were sent for a request, or for what it caused; its id is a UUID. */
  of(requestId: string): Statement[] {
    this.all();
    return this.#byTrace.get(requestId.replaceAll('-', '')) ?? [];
  }

  #add(statement: Statement): void {
    this.#statements.push(statement);
    const others = this.#byTrace.get(statement.trace);
    if (others) others.push(statement);
    else this.#byTrace.set(statement.trace, [statement]);
  }
}
