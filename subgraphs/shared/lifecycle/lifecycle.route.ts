import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AdmitCaller } from '../admitCaller';
import type { InTransaction } from '../database';
import type { Logger } from '../log';
import { type ErasedRows, eraseRows } from './eraseRows';
import { exportRows } from './exportRows';

/** Where each subgraph takes orders about one store as a whole. Not reachable through the gateway. */
export const LIFECYCLE_PATH = '/internal/lifecycle';

/** What is asked for is in the body, which the caller's signature covers: one order can't be replayed as the other. */
const order = z.object({ action: z.enum(['export', 'erase']) });
export type LifecycleOrder = z.output<typeof order>;

export interface LifecycleOptions {
  inTransaction: InTransaction;
  /** What each exported line says that it comes from. */
  database: string;
  /** Tables whose rows outlive the store. */
  kept?: readonly string[];
  /** Erases what the store keeps outside the database; its counts go into the receipt. */
  eraseElsewhere?: (tenantId: string) => Promise<ErasedRows>;
  logger: Logger;
}

/**
 * `POST /internal/lifecycle` for a signed SERVICE with a store. `export` answers JSON Lines, an ExportedRow each, and a last
 * line `{ database, rows }` with the counts, without which the answer is not whole. `erase` answers `{ erased }`.
 */
export function lifecycleRoute({ inTransaction, database, kept, eraseElsewhere, logger }: LifecycleOptions) {
  return (app: FastifyInstance, admit: AdmitCaller): void => {
    app.post(LIFECYCLE_PATH, { preHandler: admit }, async (request, reply) => {
      const { caller } = request;
      const asked = order.safeParse(request.body);
      if (caller?.role !== 'SERVICE' || caller.tenantId === null) return reply.code(403).send({ error: 'FORBIDDEN' });
      if (!asked.success) return reply.code(400).send({ error: 'expected { "action": "export" | "erase" }' });
      const { tenantId } = caller;

      if (asked.data.action === 'erase') {
        const erased = await eraseRows(inTransaction, tenantId, kept);
        return { erased: { ...erased, ...(await eraseElsewhere?.(tenantId)) } };
      }
      const lines = new PassThrough();
      exportRows(inTransaction, database, tenantId, (text) => written(lines, text)).then(
        (rows) => lines.end(`${JSON.stringify({ database, rows })}\n`),
        (error: Error) => {
          logger.warn({ tenantId, err: error }, 'export ended before its end');
          lines.destroy(error);
        },
      );
      return reply.type('application/x-ndjson').send(lines);
    });
  };
}

/** Resolves when there is room for more. @throws when the reader has gone. */
async function written(lines: PassThrough, text: string): Promise<void> {
  if (lines.destroyed) throw new Error('The reader has gone');
  if (lines.write(text)) return;
  await Promise.race([new Promise((resolve) => lines.once('drain', resolve)), finished(lines, { readable: false })]);
}
