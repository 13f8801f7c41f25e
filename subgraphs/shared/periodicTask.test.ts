import { createLogger } from './log';
import { processRegistry } from './metrics/processMetrics';
import { startPeriodicTask } from './periodicTask';
import { metricValue } from './test/metricValue';

const logger = createLogger('test', 'silent');
const read = async (name: string, labels = {}) =>
  metricValue(await processRegistry.metrics(), name, { task: 'of this test', ...labels });

it('a periodic task runs again after a failure; its runs are counted by outcome, with the time of the last success', async () => {
  let runs = 0;
  await new Promise<void>((ended) => {
    const task = startPeriodicTask({
      name: 'of this test',
      everyMs: 1,
      logger,
      run: async () => {
        runs += 1;
        if (runs <= 2) throw new Error('it fails');
        if (runs === 4) setImmediate(() => void task.stop().then(ended));
        return true;
      },
    });
  });
  expect(await read('periodic_task_runs_total', { outcome: 'failed' })).toBe(2);
  expect(await read('periodic_task_runs_total', { outcome: 'ok' })).toBeGreaterThanOrEqual(2);
  expect(await read('periodic_task_last_success_timestamp_seconds')).toBeCloseTo(Date.now() / 1_000, -2);
});
