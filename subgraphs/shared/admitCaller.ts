import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, CallerRefused, type Receiver, verifyCaller } from './caller';
import type { Logger } from './log';
import { createNonceCache } from './nonceCache';
import { enterScope } from './scope';
import { traceOfRequest, withTrace } from './trace';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it was received: the signature covers its bytes. */
    rawBody: string;
    /** The verified caller; null on a route without this hook. */
    caller: Caller | null;
  }
}

/** A Fastify hook for a route of signed callers. */
export type AdmitCaller = (request: FastifyRequest, reply: FastifyReply, next: () => void) => void;

/** Answers 401 to a call whose envelope does not verify; the rest of any other request runs in the caller's scope. */
export function admitCaller(audience: Receiver, signingKey: string, logger: Logger): AdmitCaller {
  const isReplay = createNonceCache();
  return (request: FastifyRequest, reply: FastifyReply, next: () => void) => {
    try {
      request.caller = verifyCaller(request.headers, audience, request.rawBody, signingKey, isReplay);
    } catch (error) {
      if (!(error instanceof CallerRefused)) throw error;
      logger.warn({ reason: error.message }, 'call refused');
      const message = 'This call carries no valid caller.';
      void reply.code(401).send({ errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] });
      return;
    }
    const { tenantId, requestId } = request.caller;
    withTrace(traceOfRequest(requestId), () => {
      if (tenantId) enterScope({ tenantId }, next);
      else next();
    });
  };
}
