import { Client } from 'pg';

/** A comparison of a tenant_id column with a parameter: how the application itself separates tenants. */
const FILTER = /(?:"?\w+"?\.){0,2}"?tenant_id"? = \$\d+/g;

/** The statement with each of these comparisons true, and the same parameters. */
const withoutTenantFilters = (sql: string): string => sql.replace(FILTER, (filter) => `(${filter} OR true)`);

type Query = (this: Client, statement: unknown, ...more: unknown[]) => unknown;

/**
 * Disables the application's own filters by tenant in all statements of this process, Prisma's and raw ones, so that only row-level
 * security separates tenants. @returns a function that restores them. @throws Error outside tests.
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
