import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { GraphQLError } from 'graphql';
import { AUDIENCES, type Audience } from '../../subgraphs/shared/caller';
import { forbidden } from '../../subgraphs/shared/errors';
import type { LifecycleClient } from '../../subgraphs/shared/lifecycle/lifecycleClient';
import type { Logger } from '../../subgraphs/shared/log';
import { SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { IdentifyCaller } from '../caller/identifyCaller';
import { clientAddressOf } from '../http/clientAddress';
import type { Budgets } from '../limits/budgets';
import { answerThrottled } from '../limits/rejectedRequests';
import { errorBody, signInRequired } from '../requestErrors';

/** About a third of the largest operation: it reads every row of a store, and no more than a few connections at a time. */
const EXPORT_COST = 10_000;

interface StoreExportOptions {
  identifyCaller: IdentifyCaller;
  budgets: Budgets;
  subgraphs: Record<Audience, LifecycleClient>;
  log: Logger;
}

/**
 * `GET /api/export`: everything the three databases hold of the caller's store, as JSON Lines, for those who manage it. Each
 * database's rows end with a line `{ database, rows }` of counts; a bundle without all three is not whole. Each database
 * is exported as of one moment, one after the other.
 */
export async function storeExport(
  app: FastifyInstance,
  { identifyCaller, budgets, subgraphs, log }: StoreExportOptions,
) {
  app.get('/api/export', async (request, reply) => {
    try {
      await budgets.spendOfAddress(clientAddressOf(request), EXPORT_COST);
      const { caller, costPerMinute } = await identifyCaller(request.raw.headersDistinct, request.id);
      const { tenantId, userId, impersonatorId, permissions } = caller;
      if (userId === null) throw signInRequired();
      // As what is sent to a webhook it leaves the system: nobody takes it in another's place.
      if (tenantId === null || impersonatorId !== null || !permissions.includes('store:manage')) throw forbidden();
      await budgets.spendOfCaller(caller, costPerMinute, EXPORT_COST);
      const databases = AUDIENCES.map((name) => () => subgraphs[name].export(tenantId, request.id));
      // Asked for before the answer begins: a subgraph that is away is a 503, not a bundle of nothing.
      const [first, ...others] = databases;
      const bundle = Readable.from(inTurn(await first?.(), others), { objectMode: false });
      bundle.on('error', (error) => log.warn({ requestId: request.id, err: error }, 'export ended before its end'));
      return reply
        .type('application/x-ndjson')
        .header('content-disposition', `attachment; filename="${tenantId}.jsonl"`)
        .header('cache-control', 'no-store')
        .send(bundle);
    } catch (error) {
      if (isThrottled(error)) return answerThrottled(reply, error, request.id);
      const { status, code, message } = asRefusal(error);
      return reply
        .code(status)
        .type('application/json')
        .send(errorBody(code, message, request.id));
    }
  });
}

async function* inTurn(first: Readable | undefined, others: (() => Promise<Readable>)[]): AsyncGenerator<Buffer> {
  if (first) yield* first;
  for (const open of others) yield* await open();
}

const isThrottled = (error: unknown): error is GraphQLError =>
  error instanceof GraphQLError && error.extensions.code === 'THROTTLED';

/** @throws what is no refusal. */
function asRefusal(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof SubgraphUnavailable) {
    return { status: 503, code: 'SERVICE_UNAVAILABLE', message: 'A part of this service is not available. Try again.' };
  }
  if (!(error instanceof GraphQLError)) throw error;
  const { code, http } = error.extensions as { code: string; http?: { status?: number } };
  return { status: http?.status ?? 403, code, message: error.message };
}
