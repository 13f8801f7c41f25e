import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLError } from 'graphql';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, HTTP_CODES, type HttpCode } from '../../subgraphs/shared/errors';
import { type AnswerCode, errorBody } from '../requestErrors';
import { isRest, PROBLEM_TYPE, type Problem, problemBody } from './problem';

const GRAPHQL_RESPONSE = 'application/graphql-response+json';

interface FailedRequest {
  status: number;
  code: AnswerCode;
  message: string;
  headers?: Record<string, string>;
  /** Further extensions of the error. */
  more?: object;
}

/**
 * The one answer to every request that fails without having been a GraphQL operation: the shape of one that was; of the REST API, a
 * problem.
 */
export function answerError(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, code, message, headers = {}, more }: FailedRequest,
): FastifyReply {
  if (isRest(request.url)) {
    return answerProblem(reply.headers(headers), { status, code, detail: message, requestId: request.id, ...more });
  }
  const type = request.headers.accept?.includes(GRAPHQL_RESPONSE) ? GRAPHQL_RESPONSE : 'application/json';
  return reply
    .code(status)
    .headers({ 'x-request-id': request.id, ...headers })
    .type(`${type}; charset=utf-8`)
    .send(errorBody(code, message, request.id, more));
}

/** An error of the REST API. */
export function answerProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers({ 'x-request-id': problem.requestId })
    .type(PROBLEM_TYPE)
    .send(problemBody(problem));
}

/** As GraphQL's route would answer this error: see requestErrors.ts for its status and headers. */
export function answerGraphqlError(request: FastifyRequest, reply: FastifyReply, error: GraphQLError): FastifyReply {
  const { code, http, retryAfter } = error.extensions as {
    code: ErrorCode;
    http?: { status?: number; headers?: Iterable<[string, string]> };
    retryAfter?: number;
  };
  return answerError(request, reply, {
    status: http?.status ?? 403,
    code,
    message: error.message,
    headers: Object.fromEntries(http?.headers ?? []),
    ...(retryAfter !== undefined && { more: { retryAfter } }),
  });
}

/** An error that was written by what knows of no request: Apollo Server on what isn't a GraphQL request, and routes that subgraphs have, too. */
export function addRequestId(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const isJson = /^application\/(graphql-response\+)?json/.test(String(reply.getHeader('content-type')));
  if (reply.statusCode < 400 || typeof payload !== 'string' || !isJson) return payload;
  const answer = JSON.parse(payload) as { errors?: { extensions?: Record<string, unknown> }[] };
  for (const error of answer.errors ?? []) error.extensions = { ...error.extensions, requestId: request.id };
  return JSON.stringify(answer);
}

const subgraphsAnswer = z.object({
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.enum([...ERROR_CODES, ...HTTP_CODES]) }) }))
    .min(1),
});

/** What a subgraph answered to a request that was forwarded to it. An answer in any other shape is not shown: it may name inner routes. */
export function answerForwardedError(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body, headers }: { status: number; body: string; headers?: Record<string, string> },
): FastifyReply {
  const told = subgraphsAnswer.safeParse(jsonOrNull(body)).data?.errors[0];
  const failed = told ? { code: told.extensions.code, message: told.message } : unnamed(status);
  return answerError(request, reply, { status, ...failed, ...(headers && { headers }) });
}

function unnamed(status: number): { code: ErrorCode | HttpCode; message: string } {
  if (status === 404) return { code: 'NOT_FOUND', message: 'There is nothing here.' };
  if (status === 503)
    return { code: 'SERVICE_UNAVAILABLE', message: 'A part of the system does not answer. Try again.' };
  if (status >= 500) return { code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' };
  return { code: 'BAD_REQUEST', message: 'The request can not be read.' };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
