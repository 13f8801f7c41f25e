import { request } from 'undici';
import { bearer } from './clerkTokens';
import type { startTestGraph } from './testGraph';

export type Graph = Awaited<ReturnType<typeof startTestGraph>>;

export const NIKE_ADMIN = () => ({ authorization: bearer({ o: { id: 'org_nike', rol: 'admin' } }) });
export const INTROSPECTION = '{ __schema { queryType { name } } __type(name: "Product") { name } __typename }';

/** What has reached the subgraphs of `graph`, by path. */
export const subgraphCalls = (graph: Graph) =>
  Object.values(graph.subgraphs).flatMap((subgraph) => subgraph.received.map(({ path }) => path));

export function forgetCalls(graph: Graph): void {
  for (const subgraph of Object.values(graph.subgraphs)) subgraph.received.length = 0;
}

/** POSTs as any HTTP client would; `body` as it is when it is text. */
export async function postTo(
  graph: Graph,
  body: unknown,
  headers: Record<string, string | string[]> = {},
  path = '/graphql',
) {
  const response = await request(`${graph.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers, text, json: parse(text) };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a test expects of an answer.
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
