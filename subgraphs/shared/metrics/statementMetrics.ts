import { Histogram } from 'prom-client';
import type { Scope } from '../scope';
import { processRegistry } from './processMetrics';

const registers = [processRegistry];
/** In seconds: those that OpenTelemetry advises for databases. */
const buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** The names are OpenTelemetry's, https://opentelemetry.io/docs/specs/semconv/database/database-metrics/; `role` and `scope` are ours. */
const duration = new Histogram({
  name: 'db_client_operation_duration_seconds',
  help: 'Duration of round trips to PostgreSQL, by database, role, whose rows they may see (tenant, store, member, or a task), and SQLSTATE',
  labelNames: ['db_namespace', 'role', 'scope', 'error_type'],
  buckets,
  registers,
});
const wait = new Histogram({
  name: 'db_client_connection_wait_time_seconds',
  help: 'Time until a connection of the pool was free, or was opened',
  labelNames: ['db_namespace', 'role'],
  buckets,
  registers,
});

export interface StatementMetrics {
  /** @param error what the round trip failed with, if it did. */
  observe(scope: Scope, seconds: number, error?: unknown): void;
  observeWait(seconds: number): void;
}

/** Of one pool. @param url of the database, as its role. */
export function statementMetrics(url: string | undefined): StatementMetrics {
  const { pathname, username } = new URL(url ?? 'postgresql://');
  const labels = { db_namespace: decodeURIComponent(pathname.slice(1)), role: decodeURIComponent(username) };
  return {
    observe: (scope, seconds, error) =>
      duration.observe({ ...labels, scope: scopeLabel(scope), error_type: errorLabel(error) }, seconds),
    observeWait: (seconds) => wait.observe(labels, seconds),
  };
}

function scopeLabel(scope: Scope): string {
  if ('task' in scope) return scope.task;
  if ('tenantId' in scope) return 'tenant';
  return 'memberUserId' in scope ? 'member' : 'store';
}

/** The SQLSTATE, never the message: it may have values. */
function errorLabel(error: unknown): string {
  if (error === undefined) return '';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : 'connection';
}
