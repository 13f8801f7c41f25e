import { Counter, Histogram, type Registry } from 'prom-client';
import type { CheckoutHookKind } from '../generated/prisma/client';
import type { FailureReason } from './hookFailed';

/** What became of a question. CACHED: it was answered before, or its hook failed a moment ago. */
type Outcome = 'ANSWERED' | 'CACHED' | 'CIRCUIT_OPEN' | 'RATE_LIMITED' | FailureReason;

export interface HookMetrics {
  count(kind: CheckoutHookKind, outcome: Outcome): void;
  observe(kind: CheckoutHookKind, seconds: number): void;
}

export function createHookMetrics(registry: Registry): HookMetrics {
  const questions = new Counter({
    name: 'checkout_hook_questions_total',
    help: 'Questions to stores’ checkout hooks, by kind and outcome',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'checkout_hook_request_seconds',
    help: 'How long requests to stores’ checkout hooks took, answered or not',
    labelNames: ['kind'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 3],
    registers: [registry],
  });
  return {
    count: (kind, outcome) => questions.inc({ kind, outcome }),
    observe: (kind, seconds) => duration.observe({ kind }, seconds),
  };
}
