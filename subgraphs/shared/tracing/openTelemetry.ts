import { randomBytes } from 'node:crypto';
import { SpanKind as Kind, ROOT_CONTEXT, type SpanContext, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  type IdGenerator,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type TracerProviderOptions,
} from '@opentelemetry/sdk-trace';
import type { Span, Tracer } from '../trace';
import { SpanQueue } from './spanQueue';

interface OpenTelemetry extends Tracer {
  /** Sends the last spans. */
  stop(): Promise<void>;
}

interface Sampling {
  /** `always_on`, `always_off` or `traceidratio`. */
  kind: string;
  ratio: number;
  /** Whether a trace that comes from elsewhere is sampled as its first span was. */
  isParentBased: boolean;
}

function samplerOf({ kind, ratio, isParentBased }: Sampling): Sampler {
  const always = kind === 'always_on' ? new AlwaysOnSampler() : new AlwaysOffSampler();
  const sampler = kind === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : always;
  return isParentBased ? new ParentBasedSampler({ root: sampler }) : sampler;
}

/** Spans by OpenTelemetry's SDK, sent by OTLP over HTTP to where its variables say. Nothing is patched, and nothing global is set. */
export function createOpenTelemetry(service: string, version: string, sampling: Sampling): OpenTelemetry {
  const ids = new RequestIds();
  const provider = new TracerProvider({
    resource: resourceOf({ 'service.name': service, 'service.version': version }),
    sampler: samplerOf(sampling),
    idGenerator: ids,
    // SQL is the longest.
    spanLimits: { attributeValueLengthLimit: 4_096 },
    spanProcessors: [new SpanQueue(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('multistore-supergraph', version);

  return {
    start(name, kind, attributes, parent) {
      if (typeof parent !== 'string') ids.next = parent.traceId;
      const context = typeof parent === 'string' ? trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT;
      const span = tracer.startSpan(name, { kind: Kind[kind], attributes }, context);
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceParent: `00-${traceId}-${spanId}-0${traceFlags & 1}`,
        set: (more) => void span.setAttributes(more),
        end: (error) => {
          if (error !== undefined) {
            // Not its message, which may have values in it.
            span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      } satisfies Span;
    },
    stop: () => provider.shutdown(),
  };
}

/** What @opentelemetry/resources makes, of which a second version would bring eight copies of the first. */
function resourceOf(attributes: Record<string, string>): NonNullable<TracerProviderOptions['resource']> {
  const resource = {
    attributes,
    asyncAttributesPending: false,
    getRawAttributes: () => Object.entries(attributes),
    merge: () => resource,
  };
  return resource as NonNullable<TracerProviderOptions['resource']>;
}

function contextOf(traceParent: string): SpanContext {
  const [, traceId = '', spanId = '', flags = ''] = traceParent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** Gives a trace the id that follows from its request, by which it is found from a log line. */
class RequestIds implements IdGenerator {
  next: string | null = null;

  generateTraceId(): string {
    const id = this.next ?? randomBytes(16).toString('hex');
    this.next = null;
    return id;
  }

  generateSpanId(): string {
    return randomBytes(8).toString('hex');
  }
}
