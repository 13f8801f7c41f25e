import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import type { Registry } from 'prom-client';
import { addMetricsRoute } from '../../subgraphs/shared/metrics/requestMetrics';

/** `GET /metrics` on a port of its own, as the gateway's is open to the internet. @throws when the port is taken. */
export async function startMetricsServer(registry: Registry, { host, port }: { host: string; port: number }) {
  const app = fastify({ forceCloseConnections: 'idle' });
  addMetricsRoute(app, registry);
  await app.listen({ host, port });
  return { port: (app.server.address() as AddressInfo).port, stop: () => app.close() };
}
