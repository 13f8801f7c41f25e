import type { FastifyReply, FastifyRequest } from 'fastify';

const DEADLINE_HEADER = 'x-answer-within-ms';

/** The header that says how long the sender waits for the answer: a duration and not a point in time, since clocks differ. */
export const deadline = (ms: number): Record<string, string> => ({ [DEADLINE_HEADER]: String(ms) });

/**
 * Aborted when the client no longer waits for the answer: it has closed the connection, or its deadline has passed. The deadline needs no
 * signature, because anyone who could change it on the way could also drop the call.
 */
export function clientAbortSignal(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const closed = new AbortController();
  if (reply.raw.destroyed) closed.abort();
  else reply.raw.once('close', () => closed.abort());
  const waitMs = request.headers[DEADLINE_HEADER];
  if (waitMs === undefined) return closed.signal;
  const left = Math.max(0, Math.ceil(Number(waitMs) - reply.elapsedTime));
  return Number.isSafeInteger(left) ? AbortSignal.any([closed.signal, AbortSignal.timeout(left)]) : closed.signal;
}
