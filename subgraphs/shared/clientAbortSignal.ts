import type { FastifyReply, FastifyRequest } from 'fastify';

const HEADER = 'x-answer-within-ms';

/** Says how long the sender of a call waits for its answer: a span and no moment, for clocks differ. */
export const deadline = (ms: number): Record<string, string> => ({ [HEADER]: String(ms) });

/**
 * Aborted when nobody waits for the answer any more: the connection is closed, or the time is over that the sender said. It is
 * not signed: whoever could change it could as well drop the call.
 */
export function clientAbortSignal(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const closed = new AbortController();
  if (reply.raw.destroyed) closed.abort();
  else reply.raw.once('close', () => closed.abort());
  const given = request.headers[HEADER];
  if (given === undefined) return closed.signal;
  const left = Math.max(0, Math.ceil(Number(given) - reply.elapsedTime));
  return Number.isSafeInteger(left) ? AbortSignal.any([closed.signal, AbortSignal.timeout(left)]) : closed.signal;
}
