import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLError } from 'graphql';
import { answerGraphqlError } from '../http/answerError';
import { clientAddressOf } from '../http/clientAddress';
import type { RateLimits, RejectedKind } from './rateLimits';

/** The answers that took work and were charged to no rate limit. A wrong token is not among them: its operation was charged. */
const REJECTED = new Set([400, 413, 415]);

/**
 * The hooks of a route that works on a request before it knows whether the request is valid: rejected requests are charged to the
 * client's address, and once its limit is reached the route answers 429 without reading the request. Valid requests are not charged here.
 */
export function limitRejected(rateLimits: RateLimits, kind: RejectedKind) {
  return {
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      try {
        rateLimits.rejectExhausted(kind, clientAddressOf(request));
      } catch (error) {
        return answerGraphqlError(request, reply, error as GraphQLError);
      }
    },
    // Before the answer is sent, so that a client that waits for each answer is counted like one that does not.
    onSend: async (request: FastifyRequest, reply: FastifyReply) => {
      if (REJECTED.has(reply.statusCode)) await rateLimits.countRejected(kind, clientAddressOf(request));
    },
  };
}
