import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AdmissionControl } from '../../subgraphs/shared/admission';
import type { Audience } from '../../subgraphs/shared/caller';
import type { Circuit } from '../../subgraphs/shared/circuitBreaker';
import { DURATION_BUCKETS } from '../../subgraphs/shared/metrics/requestMetrics';
import type { CircuitBreaker } from './circuitBreaker';

/** What became of a call. `failed` is an error of this system, `abandoned` a client that no longer waits. */
export type CallOutcome =
  | 'ok'
  | 'errors'
  | 'unavailable'
  | 'timed_out'
  | 'overloaded'
  | 'circuit_open'
  | 'abandoned'
  | 'failed';

interface Limits {
  admission: AdmissionControl;
  breaker: CircuitBreaker;
}

export interface SubgraphMetrics {
  register(subgraph: Audience, limits: Limits): void;
  observe(subgraph: Audience, outcome: CallOutcome, seconds: number): void;
  /** The state of each subgraph's circuit. */
  circuits(): Partial<Record<Audience, Circuit>>;
}

const CIRCUIT: Record<Circuit, number> = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 };

/** Metrics of the gateway's calls to subgraphs. */
export function createSubgraphMetrics(registry: Registry): SubgraphMetrics {
  const registers = [registry];
  const subgraphs = new Map<Audience, Limits>();
  const duration = new Histogram({
    name: 'subgraph_call_duration_seconds',
    help: 'Duration of calls to subgraphs, with the wait for a slot, by what became of them',
    labelNames: ['subgraph', 'outcome'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const calls: Gauge = new Gauge({
    name: 'subgraph_calls',
    help: 'Calls to subgraphs now: sent, or queued until others are answered',
    labelNames: ['subgraph', 'state'],
    registers,
    collect() {
      for (const [subgraph, { admission }] of subgraphs) {
        calls.set({ subgraph, state: 'in_flight' }, admission.counts.inFlight);
        calls.set({ subgraph, state: 'queued' }, admission.counts.queued);
      }
    },
  });
  const rejected: Counter = new Counter({
    name: 'subgraph_calls_rejected_total',
    help: 'Calls to subgraphs that were not sent, as too many were queued',
    labelNames: ['subgraph'],
    registers,
    collect() {
      rejected.reset();
      for (const [subgraph, { admission }] of subgraphs) rejected.inc({ subgraph }, admission.counts.rejected);
    },
  });
  const circuit: Gauge = new Gauge({
    name: 'subgraph_circuit_state',
    help: 'Circuit breaker of each subgraph: 0 closed, 1 half-open, 2 open',
    labelNames: ['subgraph'],
    registers,
    collect() {
      for (const [subgraph, { breaker }] of subgraphs) circuit.set({ subgraph }, CIRCUIT[breaker.circuit]);
    },
  });
  return {
    register: (subgraph, limits) => void subgraphs.set(subgraph, limits),
    observe: (subgraph, outcome, seconds) => duration.observe({ subgraph, outcome }, seconds),
    circuits: () => Object.fromEntries([...subgraphs].map(([name, { breaker }]) => [name, breaker.circuit])),
  };
}
