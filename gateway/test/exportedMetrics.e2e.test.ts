import { metricsIn, readAlerts, readPanels } from '../../docker/observability/expressions';
import { SERVICES, TestSupergraph } from './startSupergraph';

/** Those that Prometheus adds to what it scrapes. */
const ADDED_LABELS = new Set(['service', 'instance', 'job']);

let graph: TestSupergraph;
beforeAll(async () => {
  graph = await TestSupergraph.start();
});
afterAll(() => graph?.stop());

it('what alerts and dashboards read is exported by a running service, with the labels that they name', async () => {
  const store = await graph.makeStore('metrics');
  const orders = 'query Orders { orders(first: 1) { nodes { id } } products(first: 1) { nodes { id } } }';
  expect((await graph.ask(store.admin, orders)).body.errors).toBeUndefined();
  const texts = await Promise.all(
    SERVICES.map(async (name) => (await fetch(`http://127.0.0.1:${graph.running.ports[name]}/metrics`)).text()),
  );
  const lines = texts.join('\n').split('\n');
  const types = new Map(
    lines.flatMap((line) => (line.startsWith('# TYPE ') ? [line.split(' ').slice(2, 4)] : [])) as [string, string][],
  );
  const isExported = (name: string) => {
    const [, base = '', part] = /^(.*?)(_bucket|_sum|_count)?$/.exec(name) ?? [];
    const type = types.get(name) ?? (part ? types.get(base) : undefined);
    return part && !types.has(name) ? type === 'histogram' || type === 'summary' : type !== undefined;
  };
  const isLabeled = (name: string, label: string) => {
    const series = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return series.length === 0 || series.some((line) => line.includes(`${label}="`));
  };

  const read = [...readAlerts().map(({ alert, expr }) => ({ title: alert, expr })), ...readPanels()];
  const missing = read.flatMap(({ title, expr }) => {
    const metrics = metricsIn(expr);
    if (metrics.length === 0 && expr !== 'up == 0') return [`${title} reads nothing`];
    return metrics.flatMap(({ name, labels }) => [
      ...(isExported(name) ? [] : [`${title}: ${name}`]),
      ...labels
        .filter((label) => !ADDED_LABELS.has(label) && !isLabeled(name, label))
        .map((label) => `${title}: ${name} has no ${label}`),
    ]);
  });
  expect(missing).toEqual([]);
  expect(read.length).toBeGreaterThan(50);
});
