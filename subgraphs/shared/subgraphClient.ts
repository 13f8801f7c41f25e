import { type Dispatcher, Pool } from 'undici';
import { type Audience, type Caller, signCaller } from './caller';
import { deadline } from './clientAbortSignal';
import type { Secret } from './hmac';
import { MAX_OPERATION_NAME, OPERATION_HEADER } from './requestLog';
import { inSpan, traceHeaders } from './trace';

/** A GraphQL operation to be sent. */
interface SubgraphOperation {
  query: string;
  variables?: Record<string, unknown> | undefined;
  operationName?: string | undefined;
  /** The name of the client's operation that it is a part of: for the subgraph's log. */
  clientOperation?: string | null;
  /** Whether it changes nothing, so that it is sent again when its connection was lost. */
  isQuery?: boolean;
}

export interface SubgraphError {
  message: string;
  path?: (string | number)[];
  extensions?: Record<string, unknown>;
}

/** A subgraph's answer: data, errors or both, as GraphQL defines it. */
export interface SubgraphResult<Data = Record<string, unknown>> {
  data?: Data | null;
  errors?: SubgraphError[];
  extensions?: Record<string, unknown>;
}

/** There is no usable answer: no connection, a timeout, or a body that is no GraphQL result. A mutation may have been executed. */
export class SubgraphUnavailable extends Error {
  override readonly name = 'SubgraphUnavailable';

  /** @param reason for the log only: it may name hosts and ports. */
  constructor(
    readonly subgraph: Audience,
    readonly reason: string,
    readonly timedOut = false,
    options?: ErrorOptions,
  ) {
    super(`The ${subgraph} service is unavailable`, options);
  }
}

/** The subgraph refused the caller's signature: an error of this system, such as different keys or clocks, never of the user. */
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
   * Sends `operation` on behalf of `caller`. It is never retried here: the client can't know whether a mutation was executed.
   * @param signal cancels the call, or keeps it from being sent, when nobody waits for the result.
   * @throws SubgraphUnavailable | SubgraphRefusedCaller. GraphQL errors are part of the result and aren't thrown.
   */
  execute<Data = Record<string, unknown>>(
    operation: SubgraphOperation,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<SubgraphResult<Data>>;
  /** Resolves when the subgraph answers `GET /healthz` within a second. @throws SubgraphUnavailable. */
  probe(): Promise<void>;
  /** Waits for the calls in flight, then closes the connections. */
  close(): Promise<void>;
}

/** Limits a whole call, from the queue to the last byte. Well within the lifetime of a caller envelope. */
const TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 1_000;
/** More than the queue of the order subgraph's admission control, so that waiting checkouts do not block other operations. */
export const CONNECTIONS = 256;
/** A list of a hundred products with all fields is below 1 MB, so a larger response than this is an error. */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

/**
 * An idle connection is closed by this side, and before a subgraph that is told to stop closes it (drainSeconds in env.ts): a request can't be
 * on its way while the other side closes the connection, unless the process there ends at once.
 */
const IDLE_MS = 4_000;

/** A client of the subgraph `audience` with its own keep-alive connections. @param url its full `/graphql` address. */
export function createSubgraphClient(
  url: string,
  audience: Audience,
  signingKey: Secret,
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
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
  });
  const mayResend = createResendBudget();

  async function post(
    body: string,
    headers: Record<string, string>,
    canceled: AbortSignal | undefined,
  ): Promise<{ status: number; text: string }> {
    // undici's own timeouts restart with every byte received, and don't include the wait for a connection.
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await pool.request({
        method: 'POST',
        path: pathname + search,
        headers,
        body,
        signal: canceled ? AbortSignal.any([canceled, timeout]) : timeout,
      } satisfies Dispatcher.RequestOptions);
      return { status: response.statusCode, text: await response.body.text() };
    } catch (error) {
      throw new SubgraphUnavailable(
        audience,
        error instanceof Error ? `${error.name}: ${error.message}` : String(error),
        timeout.aborted,
        { cause: error },
      );
    }
  }

  /** A query whose connection was lost is sent once more, on another one. What was sent with the caller's nonce is signed anew. */
  async function postQuery(
    body: string,
    headers: () => Record<string, string>,
    canceled: AbortSignal | undefined,
  ): Promise<{ status: number; text: string }> {
    mayResend.earn();
    try {
      return await post(body, headers(), canceled);
    } catch (error) {
      if (canceled?.aborted || !isConnectionLost(error) || !mayResend()) throw error;
      return post(body, headers(), canceled);
    }
  }

  async function send<Data>(
    operation: SubgraphOperation,
    caller: Caller,
    signal: AbortSignal | undefined,
  ): Promise<SubgraphResult<Data>> {
    const { query, variables, operationName, clientOperation, isQuery = false } = operation;
    const body = JSON.stringify({ query, variables, operationName });
    const headers = () => ({
      'content-type': 'application/json',
      accept: 'application/json',
      ...deadline(timeoutMs),
      ...traceHeaders(),
      ...(clientOperation && { [OPERATION_HEADER]: clientOperation.slice(0, MAX_OPERATION_NAME) }),
      ...signCaller(caller, audience, body, signingKey),
    });
    const { status, text } = isQuery ? await postQuery(body, headers, signal) : await post(body, headers(), signal);
    if (status === 401 || status === 403) throw new SubgraphRefusedCaller(audience, `answered ${status}`);
    const result = parseResult<Data>(text);
    // By GraphQL over HTTP, a request that fails before execution may be answered with 400 and its errors.
    if (result && (status === 200 || (status === 400 && result.errors))) return result;
    throw new SubgraphUnavailable(
      audience,
      result ? `answered ${status}` : `answered ${status} without a GraphQL result`,
    );
  }

  return {
    execute: <Data>(operation: SubgraphOperation, caller: Caller, signal?: AbortSignal) =>
      inSpan(`call ${audience}`, 'CLIENT', { 'peer.service': audience }, () => send<Data>(operation, caller, signal)),
    async probe() {
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
      try {
        const { statusCode, body } = await pool.request({ method: 'GET', path: '/healthz', signal });
        await body.dump();
        if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
      } catch (error) {
        throw new SubgraphUnavailable(audience, `probe: ${(error as Error).message}`, signal.aborted);
      }
    },
    close: () => pool.close(),
  };
}

const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNREFUSED']);

const isConnectionLost = (error: unknown): boolean =>
  error instanceof SubgraphUnavailable && LOST.has((error.cause as NodeJS.ErrnoException | undefined)?.code ?? '');

const BUDGET = { most: 10, perCall: 0.1 };

/**
 * A retry budget: a tenth of the calls may be sent again, after some at once. A subgraph that is down is not asked twice as often. @returns
 * whether a lost query may be.
 */
function createResendBudget(): { (): boolean; earn(): void } {
  let left = BUDGET.most;
  const take = () => {
    if (left < 1) return false;
    left -= 1;
    return true;
  };
  return Object.assign(take, {
    earn: () => {
      left = Math.min(BUDGET.most, left + BUDGET.perCall);
    },
  });
}

/** Parses a body as a GraphQL result; undefined when it is none, such as a proxy's error page. */
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
