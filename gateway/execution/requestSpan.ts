import type { FastifyReply, FastifyRequest } from 'fastify';
import { beginRequestSpan, withTrace } from '../../subgraphs/shared/trace';

/** Runs `answer` in a span where traces are sent: of the client's trace, if it names one, or of a new one. */
export async function inRequestSpan(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: () => Promise<unknown>,
): Promise<unknown> {
  const name = `${request.method} ${request.routeOptions.url}`;
  const span = beginRequestSpan(name, request.headers.traceparent, request.id);
  if (!span) return answer();
  try {
    return await withTrace(span.traceParent, answer);
  } finally {
    const { tenantId, operation, errors } = request.operationLog ?? {};
    span.set({
      'http.response.status_code': reply.statusCode,
      'tenant.id': tenantId ?? undefined,
      'graphql.operation.name': operation ?? undefined,
      'graphql.error.codes': errors?.join(' '),
    });
    span.end();
  }
}
