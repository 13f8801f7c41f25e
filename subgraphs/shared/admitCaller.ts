import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, CallerRefused, type Receiver, verifyCaller } from './caller';
import { errorsBody } from './errors';
import type { Secret } from './hmac';
import type { Logger } from './log';
import { createNonceCache } from './nonceCache';
import { enterScope } from './scope';
import { beginRequestSpan, readTraceParent, type Span, traceOfRequest, withTrace } from './trace';

declare module 'fastify' {
  interface FastifyRequest {
    /** The unparsed body: the signature covers its bytes. */
    rawBody: string;
    /** The verified caller; null on a route without this hook. */
    caller: Caller | null;
  }
}

/** A Fastify hook for routes that only signed callers may use. */
export type AdmitCaller = (request: FastifyRequest, reply: FastifyReply, next: () => void) => void;

/** Verifies the caller's envelope: answers 401 to an invalid one, and runs the rest of the request in the caller's scope. */
export function admitCaller(audience: Receiver, signingKey: Secret, logger: Logger): AdmitCaller {
  const isReplay = createNonceCache();
  return (request: FastifyRequest, reply: FastifyReply, next: () => void) => {
    try {
      request.caller = verifyCaller(request.headers, audience, request.rawBody, signingKey, isReplay);
    } catch (error) {
      if (!(error instanceof CallerRefused)) throw error;
      logger.warn({ reason: error.message }, 'call refused');
      void reply.code(401).send(errorsBody('UNAUTHENTICATED', 'This call carries no valid caller.'));
      return;
    }
    const { tenantId, requestId } = request.caller;
    const { traceparent } = request.headers;
    const span = beginRequestSpan(`${request.method} ${request.routeOptions.url}`, traceparent, requestId);
    if (span) reply.raw.once('close', () => endOf(span, request, reply));
    withTrace(span?.traceParent ?? readTraceParent(traceparent) ?? traceOfRequest(requestId), () => {
      if (tenantId) enterScope({ tenantId }, next);
      else next();
    });
  };
}

function endOf(span: Span, { caller, record }: FastifyRequest, { statusCode }: FastifyReply): void {
  span.set({
    'http.response.status_code': statusCode,
    'tenant.id': caller?.tenantId ?? undefined,
    'graphql.operation.name': record?.operation,
    'graphql.error.codes': record?.errors?.join(' '),
  });
  span.end();
}
