import { z } from 'zod';
import { version } from '../../../package.json';
import { parseEnv } from '../env';
import { useTracer } from '../trace';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const schema = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'expected the address of an OTLP collector, such as http://127.0.0.1:4318' })
    .optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
});

/**
 * Traces by OpenTelemetry, when OTEL_EXPORTER_OTLP_ENDPOINT is set; otherwise nothing of it is loaded.
 * @returns what sends the last spans, at the end of the process. @throws EnvError
 */
export function startTracing(service: string, source: NodeJS.ProcessEnv): () => Promise<void> {
  const env = parseEnv(schema, source);
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT) return async () => {};
  // Not before it is known to be wanted.
  const { createOpenTelemetry }: typeof import('./openTelemetry') = require('./openTelemetry');
  const tracer = createOpenTelemetry(env.OTEL_SERVICE_NAME ?? service, version, {
    kind: env.OTEL_TRACES_SAMPLER.replace('parentbased_', ''),
    ratio: env.OTEL_TRACES_SAMPLER_ARG,
    isParentBased: env.OTEL_TRACES_SAMPLER.startsWith('parentbased_'),
  });
  useTracer(tracer);
  return async () => {
    useTracer(null);
    await tracer.stop();
  };
}
