import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALERT_CASES } from './alertCases';
import { readAlerts } from './expressions';

const RULES = join(__dirname, 'alerts.yml');
const RUNBOOK = join(__dirname, '../../docs/RUNBOOK.md');
const alerts = readAlerts();
const names = alerts.map(({ alert }) => alert);

const promtool = (...args: string[]) => {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, said: error ? error.message : `${stdout}${stderr}` };
};
/** Debian's package `prometheus` has it. */
const hasPromtool = promtool('--version').status === 0 || process.env.REQUIRE_SERVICES === '1';

describe('each alert', () => {
  it('has an entry in the runbook, which it names, and the runbook has no others', () => {
    const headings = [...readFileSync(RUNBOOK, 'utf8').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(names);
    for (const { alert, annotations } of alerts)
      expect(annotations.runbook).toBe(`docs/RUNBOOK.md#${alert.toLowerCase()}`);
  });

  it('says whether it pages somebody', () => {
    expect(alerts.filter(({ labels }) => labels.severity !== 'page' && labels.severity !== 'ticket')).toEqual([]);
  });
});

(hasPromtool ? describe : describe.skip)('Prometheus', () => {
  it('takes the rules and its own configuration', () => {
    expect(promtool('check', 'rules', RULES)).toMatchObject({ status: 0 });
    expect(promtool('check', 'config', join(__dirname, 'prometheus.yml'))).toMatchObject({ status: 0 });
  });

  it('fires each alert when it should, and not when it is near', () => {
    expect(Object.keys(ALERT_CASES)).toEqual(names);
    const test = (alert: string, series: Record<string, string>, value: 0 | 1) => ({
      name: `${alert} ${value ? 'fires' : 'is silent'}`,
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [
        {
          expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
          eval_time: '30m',
          exp_samples: [{ labels: '{}', value }],
        },
      ],
    });
    const tests = Object.entries(ALERT_CASES).flatMap(([alert, { fires, silent }]) => [
      test(alert, fires, 1),
      test(alert, silent, 0),
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
    const file = join(folder, 'tests.yml');
    // YAML has JSON in it.
    writeFileSync(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '1m', tests }));
    const { status, said } = promtool('test', 'rules', file);
    rmSync(folder, { recursive: true });
    expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
  });
});
