import type { FastifyInstance } from 'fastify';
import { type Dispatcher, request as send } from 'undici';
import type { Logger } from '../../subgraphs/shared/log';

const TIMEOUT_MS = 2_000;

interface HealthOptions {
  /** Each subgraph's origin by its name. */
  origins: Record<string, string>;
  /** Whether a supergraph is loaded and the process isn't about to stop. */
  isServing: () => boolean;
  dispatcher: Dispatcher;
  log: Logger;
}

/**
 * `GET /healthz`: liveness. `GET /readyz`: readiness, else 503. A subgraph that is not ready is named, and does not make the gateway
 * unready: the rest of the graph works, and another gateway would not do better. Probes at the same time share one request to each
 * subgraph.
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

  app.get('/readyz', async (_request, reply) => {
    if (!options.isServing()) return reply.code(503).send({ status: 'unavailable' });
    const notReady = await subgraphsNotReady();
    return notReady.length === 0 ? { status: 'ok' } : { status: 'degraded', notReady };
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
