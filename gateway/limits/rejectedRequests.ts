import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLError } from 'graphql';
import { clientAddressOf } from '../http/clientAddress';
import { errorBody } from '../requestErrors';
import type { Budgets, RefusedKind } from './budgets';

/** What a client can be told only after work was done for it. Not what is wrong with a token, which costs as an operation does. */
const REFUSED = new Set([400, 413, 415]);

/**
 * The hooks of a route that does work before it knows whether it was asked for anything: of an address, what is refused there counts,
 * and when that has spent its budget the route answers 429 before any work. What is not refused costs nothing here.
 */
export function limitRefused(budgets: Budgets, kind: RefusedKind) {
  return {
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      try {
        budgets.refuseSpent(kind, clientAddressOf(request));
      } catch (error) {
        return answerThrottled(reply, error as GraphQLError, request.id);
      }
    },
    // Before the answer goes out: who waits for each answer is counted like who does not.
    onSend: async (request: FastifyRequest, reply: FastifyReply) => {
      if (REFUSED.has(reply.statusCode)) await budgets.countRefused(kind, clientAddressOf(request));
    },
  };
}

export function answerThrottled(reply: FastifyReply, { message, extensions }: GraphQLError, requestId: string) {
  return reply
    .code(429)
    .header('retry-after', String(extensions.retryAfter))
    .type('application/json')
    .send(errorBody('THROTTLED', message, requestId));
}
