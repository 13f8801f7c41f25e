import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';

/** What one request made this process do, for its log line. */
export interface WorkRecord {
  /** Round trips to PostgreSQL, the beginning and the end of a transaction included, and their milliseconds altogether. */
  statements: number;
  sqlMs: number;
  /** Of a GraphQL request: the operation's name, and the codes of the answer's errors, each once. */
  operation?: string;
  errors?: string[];
}

interface Work {
  /** W3C traceparent; null before it is known. */
  traceParent: string | null;
  record: WorkRecord;
}

const storage = new AsyncLocalStorage<Work>();

const newRecord = (): WorkRecord => ({ statements: 0, sqlMs: 0 });

/** Runs `work`, and everything that it starts, in the trace of the request or event that caused it. */
export function withTrace<Result>(traceParent: string, work: () => Result): Result {
  return storage.run({ traceParent, record: storage.getStore()?.record ?? newRecord() }, work);
}

/** Runs `next`, and records what it does. @returns the record, which grows. */
export function recordWork(next: () => void): WorkRecord {
  const record = newRecord();
  storage.run({ traceParent: null, record }, next);
  return record;
}

/** Of the current work; null outside of a request and of an event. */
export const currentRecord = (): WorkRecord | null => storage.getStore()?.record ?? null;

/** The W3C traceparent of the current work; null outside of a trace. https://www.w3.org/TR/trace-context/ */
export const currentTrace = (): string | null => storage.getStore()?.traceParent ?? null;

/** A W3C traceparent of version 00 from outside; null when it is none. */
export const readTraceParent = (text: unknown): string | null =>
  typeof text === 'string' && /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/.test(text) ? text : null;

/** A new span in the trace of a request or of a webhook’s delivery. The trace id is the request id where that is a UUID, else a hash of it. */
export const traceOfRequest = (requestId: string): string =>
  `00-${traceIdOf(requestId)}-${randomBytes(8).toString('hex')}-01`;

function traceIdOf(requestId: string): string {
  const digits = requestId.replaceAll('-', '').toLowerCase();
  if (/^(?!0+$)[0-9a-f]{32}$/.test(digits)) return digits;
  return createHash('sha256').update(requestId).digest('hex').slice(0, 32);
}

export type SpanKind = 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
/** By OpenTelemetry's names where it has one. Never personal data, and no values of statements or requests. */
export type SpanAttributes = Record<string, string | number | undefined>;

export interface Span {
  readonly traceParent: string;
  set(attributes: SpanAttributes): void;
  /** @param error what the work failed with, if it did: only its class is told. */
  end(error?: unknown): void;
}

/** Begins spans: see tracing/openTelemetry.ts. A span of a trace that is not sampled costs nothing, and is not sent. */
export interface Tracer {
  /** @param parent a traceparent, or for the first span of a trace its id. */
  start(name: string, kind: SpanKind, attributes: SpanAttributes, parent: string | { traceId: string }): Span;
}

let tracer: Tracer | null = null;

/** Null, as it is without an endpoint for traces: no span is made. */
export function useTracer(next: Tracer | null): void {
  tracer = next;
}

/** Begins a span below the current one; null when there is none, or it is not sampled. Whoever begins it ends it. */
export function beginSpan(name: string, kind: SpanKind, attributes: SpanAttributes): Span | null {
  const parent = tracer && currentTrace();
  return tracer && parent?.endsWith('-01') ? tracer.start(name, kind, attributes, parent) : null;
}

/** Runs `work` in a span below the current one. */
export async function inSpan<Result>(
  name: string,
  kind: SpanKind,
  attributes: SpanAttributes,
  work: (span: Span | null) => Promise<Result>,
): Promise<Result> {
  const span = beginSpan(name, kind, attributes);
  if (!span) return work(null);
  try {
    const result = await withTrace(span.traceParent, () => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/**
 * The span of a request that this process serves: of the trace that `traceparent` names, or a new one whose id follows from the request
 * id. Null without a tracer. @param headers as they came.
 */
export function beginRequestSpan(name: string, traceparent: unknown, requestId: string): Span | null {
  const parent = readTraceParent(traceparent) ?? { traceId: traceIdOf(requestId) };
  return tracer?.start(name, 'SERVER', {}, parent) ?? null;
}

/** The header that carries the current trace to another service; none without a tracer. */
export function traceHeaders(): { traceparent?: string } {
  const traceparent = tracer && currentTrace();
  return traceparent ? { traceparent } : {};
}

/** Runs `work` in the trace of a request, or of a webhook's delivery, with a span of its own where traces are sent. */
export async function inRequestTrace<Result>(
  name: string,
  requestId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const span = beginRequestSpan(name, undefined, requestId);
  if (!span) return withTrace(traceOfRequest(requestId), work);
  try {
    const result = await withTrace(span.traceParent, work);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
