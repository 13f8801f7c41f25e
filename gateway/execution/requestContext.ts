import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientAddressOf } from '../http/clientAddress';
import type { GatewayContext } from './context';

/** The context of the operation that a request asks for, before anything is known of its caller. */
export function createContext(request: FastifyRequest, reply: FastifyReply): GatewayContext {
  const address = clientAddressOf(request);
  const operationLog = { address, tenantId: null, userId: null, operation: null };
  request.operationLog = operationLog;
  const closed = new AbortController();
  reply.raw.once('close', () => closed.abort());
  const { headersDistinct: headers } = request.raw;
  const known = { requestId: request.id, headers, address, operationLog, abortSignal: closed.signal };
  return { ...known, caller: null, cost: null };
}
