import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Alert {
  alert: string;
  expr: string;
  labels: { severity?: string };
  annotations: { summary?: string; runbook?: string };
}

/** The alerts of alerts.yml. */
export const readAlerts = (): Alert[] =>
  parse(readFileSync(join(__dirname, 'alerts.yml'), 'utf8')).groups.flatMap(({ rules }: { rules: Alert[] }) => rules);

/** What the panels of the dashboards ask for, with the name of its panel. */
export function readPanels(): { title: string; expr: string }[] {
  const folder = join(__dirname, 'dashboards');
  return readdirSync(folder).flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    return panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title: `${file}: ${title}`, expr })));
  });
}

/** The metrics that an expression of PromQL reads, with the labels that it names of each. */
export function metricsIn(expr: string): { name: string; labels: string[] }[] {
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  const selectors = expr
    .replace(/\bby \([^)]*\)/g, '')
    .matchAll(/\b([a-z]+(?:_[a-z0-9]+)*)(?:\{([^}]*)\})?(?=\[|\)| |$|\/)/g);
  return [...selectors].flatMap(([, name = '', within = '']) => {
    if (!name.includes('_')) return [];
    const matched = [...within.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label);
    return [{ name, labels: [...new Set([...matched, ...grouped])] }];
  });
}
