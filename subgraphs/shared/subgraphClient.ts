import { type Dispatcher, Pool } from 'undici';
import { type Audience, type Caller, signCaller } from './caller';
import { deadline } from './clientAbortSignal';

/** One GraphQL operation as it goes over the wire. */
export interface SubgraphOperation {
  query: string;
  variables?: Record<string, unknown> | undefined;
  operationName?: string | undefined;
}

export interface SubgraphError {
  message: string;
  path?: (string | number)[];
  extensions?: Record<string, unknown>;
}

/** What a subgraph answered: data, errors or both, as GraphQL has it. */
export interface SubgraphResult<Data = Record<string, unknown>> {
  data?: Data | null;
  errors?: SubgraphError[];
  extensions?: Record<string, unknown>;
}

/** No usable answer came: nothing listens, it took too long, or what came is no GraphQL. A mutation may have happened. */
export class SubgraphUnavailable extends Error {
  override readonly name = 'SubgraphUnavailable';

  /** @param reason for the log only: it may name hosts and ports. */
  constructor(
    readonly subgraph: Audience,
    readonly reason: string,
  ) {
    super(`The ${subgraph} service is unavailable`);
  }
}

/** The subgraph refused the signed caller: a fault of this system (keys or clocks differ), never of the user. */
export class SubgraphRefusedCaller extends Error {
  override readonly name = 'SubgraphRefusedCaller';

  constructor(
    readonly subgraph: Audience,
    readonly reason: string,
  ) {
    super(`The ${subgraph} service refused the caller`);
  }
}

export interface SubgraphClient {
  /**
   * Sends `operation` on behalf of `caller`. Never retried here: the client can't know whether a mutation happened.
   * @param gone aborted when nobody waits for the result any more: the call ends then, or does not begin.
   * @throws SubgraphUnavailable | SubgraphRefusedCaller. GraphQL errors are part of the result and aren't thrown.
   */
  execute<Data = Record<string, unknown>>(
    operation: SubgraphOperation,
    caller: Caller,
    gone?: AbortSignal,
  ): Promise<SubgraphResult<Data>>;
  /** Waits for what is under way, then closes the connections. */
  close(): Promise<void>;
}

/** The longest that one call may take from being queued to its last byte: well within an envelope's lifetime. */
const TIMEOUT_MS = 10_000;
/** More than an order subgraph lets wait, so that whatever else is asked of it does not stand behind those. */
const CONNECTIONS = 256;
/** A list of a hundred products with all that hangs on them is below 1 MB; more than this is a fault. */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

/** A client of the subgraph `audience` at `url` (its full `/graphql` address) with connections of its own, kept alive. */
export function createSubgraphClient(
  url: string,
  audience: Audience,
  signingKey: string,
  { timeoutMs = TIMEOUT_MS }: { timeoutMs?: number } = {},
): SubgraphClient {
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: MAX_RESPONSE_BYTES,
  });

  async function post(
    body: string,
    headers: Record<string, string>,
    gone: AbortSignal | undefined,
  ): Promise<{ status: number; text: string }> {
    // undici's own time-outs start anew with every byte that trickles in, and don't count the wait for a connection.
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await pool.request({
        method: 'POST',
        path: pathname + search,
        headers,
        body,
        signal: gone ? AbortSignal.any([gone, timeout]) : timeout,
      } satisfies Dispatcher.RequestOptions);
      return { status: response.statusCode, text: await response.body.text() };
    } catch (error) {
      throw new SubgraphUnavailable(
        audience,
        error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      );
    }
  }

  return {
    async execute<Data>({ query, variables, operationName }: SubgraphOperation, caller: Caller, gone?: AbortSignal) {
      const body = JSON.stringify({ query, variables, operationName });
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json',
        ...deadline(timeoutMs),
        ...signCaller(caller, audience, body, signingKey),
      };
      const { status, text } = await post(body, headers, gone);
      if (status === 401 || status === 403) throw new SubgraphRefusedCaller(audience, `answered ${status}`);
      const result = parseResult<Data>(text);
      // GraphQL over HTTP lets a request that fails before execution answer 400 with its errors.
      if (result && (status === 200 || (status === 400 && result.errors))) return result;
      throw new SubgraphUnavailable(
        audience,
        result ? `answered ${status}` : `answered ${status} without a GraphQL result`,
      );
    },
    close: () => pool.close(),
  };
}

/** The body as a GraphQL result; undefined when it is none, so that a proxy's error page isn't taken for an answer. */
function parseResult<Data>(text: string): SubgraphResult<Data> | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof body !== 'object' || body === null) return undefined;
  const { data, errors } = body as { data?: unknown; errors?: unknown };
  if (errors !== undefined && !Array.isArray(errors)) return undefined;
  if (typeof data !== 'object' && data !== undefined) return undefined;
  return data === undefined && errors === undefined ? undefined : (body as SubgraphResult<Data>);
}
