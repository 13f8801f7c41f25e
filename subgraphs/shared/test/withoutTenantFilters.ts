import { Client } from 'pg';

/** A column of a table's tenant compared with a value that was sent along: the application's own fence, as SQL. */
const FILTER = /(?:"?\w+"?\.){0,2}"?tenant_id"? = \$\d+/g;

/** The statement with every comparison of a tenant true, and its parameters numbered and typed as before. */
export const withoutTenantFilters = (sql: string): string => sql.replace(FILTER, (filter) => `(${filter} OR true)`);

type Query = (this: Client, statement: unknown, ...more: unknown[]) => unknown;

/**
 * Takes the application's filters by tenant out of all that this process sends to a database, below Prisma and raw
 * statements alike, so that only row-level security is left between stores. @returns what puts them back.
 * @throws Error outside tests.
 */
export function removeTenantFilters(): () => void {
  if (process.env.NODE_ENV !== 'test') throw new Error('The filters by tenant are removed in tests only');
  const prototype = Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  prototype.query = function (statement, ...more) {
    if (typeof statement === 'string') return query.call(this, withoutTenantFilters(statement), ...more);
    const { text } = (statement ?? {}) as { text?: unknown };
    if (typeof text !== 'string') return query.call(this, statement, ...more);
    return query.call(this, Object.assign(statement as object, { text: withoutTenantFilters(text) }), ...more);
  };
  return () => {
    prototype.query = query;
  };
}
