import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { GraphQLError } from 'graphql';
import { AUDIENCES, type Audience } from '../../subgraphs/shared/caller';
import { forbidden } from '../../subgraphs/shared/errors';
import type { LifecycleClient } from '../../subgraphs/shared/lifecycle/lifecycleClient';
import type { Logger } from '../../subgraphs/shared/log';
import { SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { IdentifyCaller } from '../caller/identifyCaller';
import { answerGraphqlError } from '../http/answerError';
import { clientAddressOf } from '../http/clientAddress';
import type { RateLimits } from '../limits/rateLimits';
import { dependencyUnavailable, signInRequired } from '../requestErrors';

/** A third of the largest operation's cost: an export reads every row of a store, but over few connections. */
const EXPORT_COST = 10_000;

interface StoreExportOptions {
  identifyCaller: IdentifyCaller;
  rateLimits: RateLimits;
  subgraphs: Record<Audience, LifecycleClient>;
  log: Logger;
}

/**
 * `GET /api/export`: all rows of the caller's store in the three databases, as JSON Lines; needs store:manage. Each database's rows end
 * with a line `{ database, rows }` of counts; an export without all three lines is incomplete. The databases are read one after another,
 * each as of one snapshot.
 */
export async function storeExport(
  app: FastifyInstance,
  { identifyCaller, rateLimits, subgraphs, log }: StoreExportOptions,
) {
  app.get('/api/export', async (request, reply) => {
    try {
      const address = clientAddressOf(request);
      await rateLimits.limitAddress(address, EXPORT_COST);
      const { headersDistinct: headers } = request.raw;
      const { caller, costPerMinute } = await identifyCaller({ headers, requestId: request.id, address });
      const { tenantId, userId, impersonatorId, permissions } = caller;
      if (userId === null) throw signInRequired();
      // Refused during impersonation, since the data leaves the system.
      if (tenantId === null || impersonatorId !== null || !permissions.includes('store:manage')) throw forbidden();
      await rateLimits.limitCaller(caller, costPerMinute, EXPORT_COST);
      const databases = AUDIENCES.map((name) => () => subgraphs[name].export(tenantId, request.id));
      // Opened before the response begins, so that a subgraph that is down leads to a 503, and not to an empty export.
      const [first, ...others] = databases;
      const lines = Readable.from(concatenated(await first?.(), others), { objectMode: false });
      lines.on('error', (error) => log.warn({ requestId: request.id, err: error }, 'export broken off'));
      return reply
        .type('application/x-ndjson')
        .header('content-disposition', `attachment; filename="${tenantId}.jsonl"`)
        .header('cache-control', 'no-store')
        .send(lines);
    } catch (error) {
      if (error instanceof SubgraphUnavailable) {
        return answerGraphqlError(request, reply, dependencyUnavailable(error.reason));
      }
      if (!(error instanceof GraphQLError)) throw error;
      return answerGraphqlError(request, reply, error);
    }
  });
}

async function* concatenated(first: Readable | undefined, others: (() => Promise<Readable>)[]): AsyncGenerator<Buffer> {
  if (first) yield* first;
  for (const open of others) yield* await open();
}
