import { Agent, type RequestOptions, request } from 'node:http';
import { Readable } from 'node:stream';

/** With NODE_USE_ENV_PROXY=1, Node's own agent and `fetch` send everything to the shell's HTTP_PROXY; another agent does not. */
const DIRECT = new Agent();

/** `fetch` for the services of this machine. */
export function localFetch(
  url: string,
  { body, ...options }: Pick<RequestOptions, 'method' | 'headers'> & { body?: string } = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, agent: DIRECT }, (message) => {
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
    sent.end(body);
  });
}
