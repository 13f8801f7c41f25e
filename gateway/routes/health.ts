import type { FastifyInstance } from 'fastify';
import { type Dispatcher, request as send } from 'undici';
import { serviceUnavailable } from '../../subgraphs/shared/errors';
import type { Logger } from '../../subgraphs/shared/log';
import { answerError } from '../http/answerError';

const TIMEOUT_MS = 2_000;

interface HealthOptions {
  /** Subgraphs' origins by name. */
  origins: Record<string, string>;
  /** Whether a supergraph is loaded and the process isn't about to stop. */
  isServing: () => boolean;
  /** The circuit breaker's state of each subgraph. */
  circuits: () => Record<string, string>;
  dispatcher: Dispatcher;
  log: Logger;
}

/**
 * `GET /healthz`: liveness. `GET /readyz`: readiness, or else 503. It names subgraphs that are not ready, but the gateway stays ready:
 * the other subgraphs still work, and another gateway would not have it any better. Concurrent probes share one request to each subgraph.
 */
export async function health(app: FastifyInstance, options: HealthOptions): Promise<void> {
  let probing: Promise<string[]> | null = null;

  function subgraphsNotReady(): Promise<string[]> {
    probing ??= probeSubgraphs(options).finally(() => {
      probing = null;
    });
    return probing;
  }

  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async (request, reply) => {
    if (!options.isServing()) {
      const { message } = serviceUnavailable();
      return answerError(request, reply, { status: 503, code: 'SERVICE_UNAVAILABLE', message });
    }
    const notReady = await subgraphsNotReady();
    return notReady.length === 0 ? { status: 'ok' } : { status: 'degraded', notReady, circuits: options.circuits() };
  });
}

async function probeSubgraphs({ origins, dispatcher, log }: HealthOptions): Promise<string[]> {
  const answers = await Promise.all(
    Object.entries(origins).map(async ([name, origin]) => {
      try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const answer = await send(`${origin}/readyz`, { dispatcher, signal });
        await answer.body.dump();
        return answer.statusCode === 200 ? [] : [name];
      } catch (error) {
        log.debug({ subgraph: name, err: error }, 'subgraph not ready');
        return [name];
      }
    }),
  );
  return answers.flat();
}
