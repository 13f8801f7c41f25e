import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { AnswerCode } from '../requestErrors';

/**
 * What is wrong with a request's persisted query, if it has one. Apollo Server checks the same, but its errors have no codes: a client
 * could not tell them from a fault of the server. https://www.apollographql.com/docs/apollo-server/performance/apq
 */
export function persistedQueryFault(request: FastifyRequest): { code: AnswerCode; message: string } | null {
  const { query, extensions } = parametersOf(request);
  const { persistedQuery } = asRecord(extensions);
  if (!persistedQuery) return null;
  const { version, sha256Hash } = asRecord(persistedQuery);
  if (version !== 1) {
    const message = 'persistedQuery.version: expected 1.';
    return { code: 'PERSISTED_QUERY_VERSION_NOT_SUPPORTED', message };
  }
  if (typeof query !== 'string' || sha256Hash === createHash('sha256').update(query).digest('hex')) return null;
  const message = 'persistedQuery.sha256Hash is not the SHA-256 of query, in hex.';
  return { code: 'PERSISTED_QUERY_HASH_MISMATCH', message };
}

/** What a GraphQL request says, by POST or GET. */
export function parametersOf({ method, query, body }: FastifyRequest): Record<string, unknown> {
  if (method === 'POST') return asRecord(body);
  const parameters = asRecord(query);
  return {
    ...parameters,
    extensions: typeof parameters.extensions === 'string' ? parsed(parameters.extensions) : null,
  };
}

/** Apollo Server answers what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
