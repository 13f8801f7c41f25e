import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AdmitCaller } from '../admitCaller';
import type { InTransaction } from '../database';
import { errorsBody } from '../errors';
import type { Logger } from '../log';
import { type ErasedRows, eraseRows } from './eraseRows';
import { exportRows } from './exportRows';

/** Where each subgraph receives commands about a whole store. Not reachable through the gateway. */
export const LIFECYCLE_PATH = '/internal/lifecycle';

/** The action is in the body, which the caller's signature covers, so a signed export can't be changed into an erasure. */
const command = z.object({ action: z.enum(['export', 'erase']) });
export type LifecycleCommand = z.output<typeof command>;

export interface LifecycleOptions {
  inTransaction: InTransaction;
  /** The database's name, repeated in each exported line. */
  database: string;
  /** Tables whose rows are not erased. */
  kept?: readonly string[];
  /** Erases the store's data outside the database, such as files; its counts become part of the receipt. */
  eraseElsewhere?: (tenantId: string) => Promise<ErasedRows>;
  logger: Logger;
}

/**
 * `POST /internal/lifecycle` for a signed SERVICE with a store. `export` answers JSON Lines: an ExportedRow in each, and a last line
 * `{ database, rows }` with the counts; an answer without that line is incomplete. `erase` answers `{ erased }`.
 */
export function lifecycleRoute({ inTransaction, database, kept, eraseElsewhere, logger }: LifecycleOptions) {
  return (app: FastifyInstance, admit: AdmitCaller): void => {
    app.post(LIFECYCLE_PATH, { preHandler: admit }, async (request, reply) => {
      const { caller } = request;
      const asked = command.safeParse(request.body);
      if (caller?.role !== 'SERVICE' || caller.tenantId === null)
        return reply.code(403).send(errorsBody('FORBIDDEN', 'Only a service may do this.'));
      if (!asked.success)
        return reply.code(400).send(errorsBody('BAD_REQUEST', 'Expected { "action": "export" | "erase" }.'));
      const { tenantId } = caller;

      if (asked.data.action === 'erase') {
        const erased = await eraseRows(inTransaction, tenantId, kept);
        return { erased: { ...erased, ...(await eraseElsewhere?.(tenantId)) } };
      }
      const lines = new PassThrough();
      exportRows(inTransaction, database, tenantId, (text) => writeLines(lines, text)).then(
        (rows) => lines.end(`${JSON.stringify({ database, rows })}\n`),
        (error: Error) => {
          logger.warn({ tenantId, err: error }, 'export cut off');
          lines.destroy(error);
        },
      );
      return reply.type('application/x-ndjson').send(lines);
    });
  };
}

/** Resolves when the stream accepts more. @throws when the reader has closed it. */
async function writeLines(lines: PassThrough, text: string): Promise<void> {
  if (lines.destroyed) throw new Error('The reader has closed the connection');
  if (lines.write(text)) return;
  await Promise.race([new Promise((resolve) => lines.once('drain', resolve)), finished(lines, { readable: false })]);
}
