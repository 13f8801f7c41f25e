import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../../subgraphs/shared/log';
import { errorBody } from '../requestErrors';

interface Unreadable {
  status: string;
  message: string;
}

const UNREADABLE: Record<string, Unreadable> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', message: 'The headers are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', message: 'The request took too long to arrive.' },
};
const NO_HTTP: Unreadable = { status: '400 Bad Request', message: 'This is not HTTP as this server reads it.' };

/** For Node's `clientError`: there is no request yet, so the answer is written to the connection, which ends with it. */
export function answerUnreadable(log: Logger) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const { status, message } = UNREADABLE[error.code ?? ''] ?? NO_HTTP;
    const requestId = randomUUID();
    log.debug({ requestId, reason: error.code }, 'unreadable request');
    const body = errorBody('BAD_REQUEST', message, requestId);
    socket.end(
      [
        `HTTP/1.1 ${status}`,
        'content-type: application/json; charset=utf-8',
        `content-length: ${Buffer.byteLength(body)}`,
        `x-request-id: ${requestId}`,
        'connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  };
}

/** For Node's `checkExpectation`: a client that expects anything but 100-continue. */
export function answerUnknownExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const requestId = randomUUID();
  const body = errorBody('BAD_REQUEST', 'No such expectation: send the request without Expect.', requestId);
  response
    .writeHead(417, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'x-request-id': requestId,
      connection: 'close',
    })
    .end(body);
}
