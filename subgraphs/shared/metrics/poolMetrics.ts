import { Gauge, type Registry } from 'prom-client';

/** The connections of a pool now, and how many statements wait for one. */
export interface PoolCounts {
  used: number;
  idle: number;
  pending: number;
}

/** Their names are OpenTelemetry's: see https://opentelemetry.io/docs/specs/semconv/database/database-metrics/ */
export function registerPoolMetrics(registry: Registry, counts: () => PoolCounts): void {
  const connections: Gauge = new Gauge({
    name: 'db_client_connection_count',
    help: 'Connections to PostgreSQL',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { used, idle } = counts();
      connections.set({ state: 'used' }, used);
      connections.set({ state: 'idle' }, idle);
    },
  });
  const pending: Gauge = new Gauge({
    name: 'db_client_connection_pending_requests',
    help: 'Statements that wait for a connection',
    registers: [registry],
    collect: () => pending.set(counts().pending),
  });
}
