import { Counter, Gauge } from 'prom-client';
import { processRegistry } from './processMetrics';

const registers = [processRegistry];
const runs = new Counter({
  name: 'periodic_task_runs_total',
  help: 'Runs of background tasks, by outcome: ok or failed',
  labelNames: ['task', 'outcome'],
  registers,
});
const lastSuccess = new Gauge({
  name: 'periodic_task_last_success_timestamp_seconds',
  help: 'When a run last ended without an error',
  labelNames: ['task'],
  registers,
});

export function countRun(task: string, outcome: 'ok' | 'failed'): void {
  runs.inc({ task, outcome });
  if (outcome === 'ok') lastSuccess.set({ task }, Date.now() / 1_000);
}
