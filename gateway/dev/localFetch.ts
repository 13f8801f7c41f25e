import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** With NODE_USE_ENV_PROXY=1, Node's own agent and `fetch` send everything to the shell's HTTP_PROXY; another agent does not. */
const DIRECT = new Agent();

interface LocalRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Blob;
}

const LOCAL = /^http:\/\/(?:[\w-]+\.)*(?:localhost|127\.0\.0\.1)(?::\d+)?(?:\/|$)/;

/** `fetch`: of this machine's services without a proxy, and of others as the shell says. */
export const fetchFrom = (url: string, request?: LocalRequest): Promise<Response> =>
  LOCAL.test(url) ? localFetch(url, request) : fetch(url, request);

/** `fetch` for the services of this machine. */
export function localFetch(url: string, { body, headers, ...options }: LocalRequest = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const length = body instanceof Blob ? { 'content-length': String(body.size) } : {};
    const sent = request(url, { ...options, headers: { ...headers, ...length }, agent: DIRECT }, (message) => {
      const { statusCode: status = 0, headersDistinct } = message;
      const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      // A Response of these statuses may have no body.
      if (status === 204 || status === 304) message.resume();
      const content = status === 204 || status === 304 ? null : (Readable.toWeb(message) as ReadableStream);
      resolve(new Response(content, { status, headers }));
    });
    sent.on('error', reject);
    if (body instanceof Blob) pipeline(Readable.fromWeb(body.stream() as ReadableStream), sent).catch(reject);
    else sent.end(body);
  });
}
