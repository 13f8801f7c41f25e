import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { Counter } from 'prom-client';
import { processRegistry } from '../metrics/processMetrics';

type EndedSpan = Parameters<SpanProcessor['onEnd']>[0];

const MAX_QUEUED = 4_096;
const BATCH_SIZE = 512;
const EVERY_MS = 5_000;
/** How long the end of a process waits for the last spans to be sent. */
const LAST_MS = 2_000;

const dropped = new Counter({
  name: 'trace_spans_dropped_total',
  help: 'Spans that were not sent: queue_full (more than the collector takes), or export_failed (it does not answer, or refuses them)',
  labelNames: ['reason'],
  registers: [processRegistry],
});

/**
 * Sends ended spans in batches, one at a time, and drops what comes beyond the queue: a collector that is slow or away changes nothing for
 * requests. OpenTelemetry's own BatchSpanProcessor does not tell how many it drops.
 */
export class SpanQueue implements SpanProcessor {
  #queue: EndedSpan[] = [];
  #sending: Promise<void> | null = null;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly exporter: SpanExporter,
    { everyMs = EVERY_MS, maxQueued = MAX_QUEUED } = {},
  ) {
    this.maxQueued = maxQueued;
    this.#timer = setInterval(() => void this.#send(), everyMs);
    this.#timer.unref();
  }

  private readonly maxQueued: number;

  onStart(): void {}

  onEnd(span: EndedSpan): void {
    if (this.#queue.length >= this.maxQueued) dropped.inc({ reason: 'queue_full' });
    else this.#queue.push(span);
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH_SIZE);
      const isSent = await new Promise<boolean>((resolve) =>
        this.exporter.export(batch, ({ code }) => resolve(code === SUCCESS)),
      );
      if (!isSent) dropped.inc({ reason: 'export_failed' }, batch.length);
    }
  }

  forceFlush(): Promise<void> {
    return this.#send();
  }

  /** Sends what is left, for two seconds at most. */
  async shutdown(): Promise<void> {
    clearInterval(this.#timer);
    const limit = new Promise<void>((resolve) => setTimeout(resolve, LAST_MS).unref());
    await Promise.race([this.#send(), limit]);
    await Promise.race([this.exporter.shutdown(), limit]);
  }
}

/** `ExportResultCode.SUCCESS` of `@opentelemetry/core`. */
const SUCCESS = 0;
