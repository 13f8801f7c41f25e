import { Registry } from 'prom-client';
import { createLogger } from '../log';
import { registerGauges } from './gauges';

const gauges = [
  { name: 'things' as const, help: 'Things', label: 'state' },
  { name: 'age_seconds' as const, help: 'Age' },
];

it('while their source fails they have no value, and the others are scraped; afterwards they are those of the same scrape', async () => {
  const registry = new Registry();
  let reads = 0;
  let answer = async () => ({ things: { NEW: 1, OLD: 2 } as Record<string, number>, age_seconds: 3 });
  const up = answer;
  registerGauges(registry, { source: 'things', gauges, logger: createLogger('test', 'silent') }, () => {
    reads += 1;
    return answer();
  });
  const samples = async () => (await registry.metrics()).split('\n').filter((line) => line && !line.startsWith('#'));

  const all = [
    'things{state="NEW"} 1',
    'things{state="OLD"} 2',
    'age_seconds 3',
    'metrics_source_up{source="things"} 1',
  ];
  expect(await samples()).toEqual(all);
  expect(reads).toBe(1);
  answer = async () => {
    throw new Error('connection refused');
  };
  expect(await samples()).toEqual(['metrics_source_up{source="things"} 0']);
  answer = async () => ({ ...(await up()), things: { OLD: 5 } });
  expect(await samples()).toEqual(['things{state="OLD"} 5', 'age_seconds 3', 'metrics_source_up{source="things"} 1']);
});
