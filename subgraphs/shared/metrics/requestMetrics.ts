import type { FastifyInstance } from 'fastify';
import { Histogram, Registry } from 'prom-client';
import { processMetrics } from './processMetrics';

/** In seconds. */
export const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Measures each request that the routes added after this answer. The names of metric and labels are OpenTelemetry's: see
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
 */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP requests',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      http_request_method: request.method,
      // Not the path: there would be a series for each.
      http_route: request.routeOptions.url ?? '',
      http_response_status_code: reply.statusCode,
    };
    duration.observe(labels, reply.elapsedTime / 1_000);
  });
}

/** `GET /metrics`, for Prometheus: this process's and the registry's. */
export function addMetricsRoute(app: FastifyInstance, registry: Registry): void {
  const all = [processMetrics(), registry];
  app.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await Registry.merge(all).metrics()),
  );
}
