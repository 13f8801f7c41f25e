import type { FastifyInstance } from 'fastify';
import { type Dispatcher, request as send } from 'undici';
import type { Logger } from '../subgraphs/shared/log';

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
 * `GET /healthz`: the process lives. `GET /readyz`: it can serve; else 503 with the names of what isn't ok. Probes that
 * come together share one round of questions to the subgraphs.
 */
export async function health(app: FastifyInstance, options: HealthOptions): Promise<void> {
  let round: Promise<string[]> | null = null;

  function subgraphsNotOk(): Promise<string[]> {
    round ??= askAll(options).finally(() => {
      round = null;
    });
    return round;
  }

  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const notOk = options.isServing() ? await subgraphsNotOk() : ['gateway'];
    return notOk.length === 0 ? { status: 'ok' } : reply.code(503).send({ status: 'unavailable', notOk });
  });
}

async function askAll({ origins, dispatcher, log }: HealthOptions): Promise<string[]> {
  const answers = await Promise.all(
    Object.entries(origins).map(async ([name, origin]) => {
      try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const answer = await send(`${origin}/healthz`, { dispatcher, signal });
        await answer.body.dump();
        return answer.statusCode === 200 ? [] : [name];
      } catch (error) {
        log.debug({ subgraph: name, err: error }, 'subgraph not healthy');
        return [name];
      }
    }),
  );
  return answers.flat();
}
