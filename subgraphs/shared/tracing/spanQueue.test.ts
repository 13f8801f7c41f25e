import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { processRegistry } from '../metrics/processMetrics';
import { metricValue } from '../test/metricValue';
import { SpanQueue } from './spanQueue';

const dropped = async (reason: string) =>
  metricValue(await processRegistry.metrics(), 'trace_spans_dropped_total', { reason });

it('drops and counts what comes while a slow collector keeps the queue full, and what it refuses', async () => {
  const batches: number[] = [];
  let answer = () => {};
  let code = 0;
  const exporter: SpanExporter = {
    export: (spans, done) => {
      batches.push(spans.length);
      answer = () => done({ code });
    },
    shutdown: async () => {},
  };
  const queue = new SpanQueue(exporter, { everyMs: 3_600_000, maxQueued: 2 });
  const end = (count: number) => {
    for (let n = 0; n < count; n += 1) queue.onEnd({} as ReadableSpan);
  };
  end(2);
  const sent = queue.forceFlush();
  // One batch at a time.
  end(5);
  expect([batches, await dropped('queue_full')]).toEqual([[2], 3]);
  answer();
  await new Promise(setImmediate);
  expect(batches).toEqual([2, 2]);
  code = 1;
  answer();
  await sent;
  expect(await dropped('export_failed')).toBe(2);
  await queue.shutdown();
});
