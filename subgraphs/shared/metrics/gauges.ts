import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { Logger } from '../log';

/** Below the time that Prometheus gives a scrape, 10 s. */
const READ_TIMEOUT_MS = 2_000;

interface GaugeOptions<Name extends string> {
  name: Name;
  help: string;
  /** The one label whose values `read` answers; without it a gauge has one value. */
  label?: string;
}

type Reading = number | Record<string, number>;

/**
 * Gauges that one read fills at each scrape, such as one query of the database. While it fails or takes too long they have no value, and
 * `metrics_source_up` of this source is 0: the other metrics of the service are scraped all the same.
 * @param read answers a value for each gauge, or one for each value of its label.
 */
export function registerGauges<Name extends string>(
  registry: Registry,
  { source, gauges, logger }: { source: string; gauges: GaugeOptions<Name>[]; logger: Logger },
  read: () => Promise<Record<Name, Reading>>,
): void {
  let reading: Promise<Record<Name, Reading> | null> | null = null;
  /** Shared by all gauges of a scrape. */
  const readOnce = () => {
    reading ??= within(read(), READ_TIMEOUT_MS)
      .catch((error: unknown) => {
        logger.warn({ err: error, source }, 'metrics could not be read');
        return null;
      })
      .finally(() => {
        reading = null;
      });
    return reading;
  };

  for (const { name, help, label } of gauges) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
      async collect() {
        const values = await readOnce();
        gauge.reset();
        if (label === undefined) gauge.remove();
        if (values) set(gauge, label, values[name]);
      },
    });
  }
  const up = sourceUp(registry);
  sources.get(up)?.push(async () => up.set({ source }, (await readOnce()) === null ? 0 : 1));
}

function set(gauge: Gauge, label: string | undefined, value: Reading): void {
  if (typeof value === 'number') gauge.set(value);
  else for (const [of, count] of Object.entries(value)) gauge.set({ [label ?? '']: of }, count);
}

/** What sets the gauge's value for each source. */
const sources = new WeakMap<Gauge, (() => Promise<void>)[]>();

function sourceUp(registry: Registry): Gauge {
  const name = 'metrics_source_up';
  const found = registry.getSingleMetric(name) as Gauge | undefined;
  if (found) return found;
  const up: Gauge = new Gauge({
    name,
    help: 'Whether what the metrics of this source are read from has answered: 1 or 0',
    labelNames: ['source'],
    registers: [registry],
    collect: async () => void (await Promise.all((sources.get(up) ?? []).map((each) => each()))),
  });
  sources.set(up, []);
  return up;
}

async function within<Value>(work: Promise<Value>, milliseconds: number): Promise<Value> {
  const ended = new AbortController();
  const timeout = sleep(milliseconds, undefined, { signal: ended.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${milliseconds} ms`);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    // Whoever wins the race: the other's end is of no interest.
    timeout.catch(() => {});
    ended.abort();
  }
}
