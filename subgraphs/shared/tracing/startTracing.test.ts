import { EnvError } from '../env';
import { beginRequestSpan, inSpan, readTraceParent, traceHeaders, withTrace } from '../trace';
import { startTracing } from './startTracing';

const isLoaded = () => Object.keys(require.cache).some((file) => file.includes('@opentelemetry/sdk-trace/'));
const SAMPLED = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

it('without an endpoint there are no spans and no headers, and nothing of OpenTelemetry is loaded', async () => {
  const stop = startTracing('order', { OTEL_TRACES_SAMPLER: 'always_on' });
  await withTrace(SAMPLED, async () => {
    expect(await inSpan('a', 'INTERNAL', {}, async (span) => span)).toBeNull();
    expect(traceHeaders()).toEqual({});
  });
  expect(beginRequestSpan('a', SAMPLED, 'request-1')).toBeNull();
  expect(isLoaded()).toBe(false);
  await stop();
});

it.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_TRACES_SAMPLER_ARG', '10'],
])('refuses %s=%s', (name, value) => {
  expect(() => startTracing('order', { [name]: value })).toThrow(EnvError);
});

it('takes a traceparent of version 00, and nothing else that a client may send', () => {
  expect(readTraceParent(SAMPLED)).toBe(SAMPLED);
  for (const wrong of [
    undefined,
    '',
    'secret',
    SAMPLED.toUpperCase(),
    `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
    `${SAMPLED}-x`,
  ])
    expect(readTraceParent(wrong)).toBeNull();
});
