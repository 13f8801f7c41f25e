import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Planner, startPlanner } from './planner';
import { PlanningThread } from './planningThread';

const SUPERGRAPH = readFileSync(join(__dirname, '..', 'supergraph.graphql'), 'utf8');
const SMALL = '{ currentTenant { name } }';
const large = (fields: number) =>
  `{ ${Array.from({ length: fields }, (_, n) => `_${n}: products(first: ${n + 1}) { nodes { name sales { units } } }`).join(' ')} }`;

let planner: Planner | undefined;
afterEach(() => planner?.stop());

const refused = (message: string) =>
  expect.objectContaining({ message, extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) });

it('refuses what is no supergraph, with the reason', async () => {
  await expect(startPlanner('type Query { a: Int }')).rejects.toThrow(/supergraph|core/i);
});

it('refuses an operation that can’t be planned, and plans the next one', async () => {
  planner = await startPlanner(SUPERGRAPH);
  await expect(planner.plan('{ nothing }', 1)).rejects.toEqual(
    refused('The operation can’t be planned. Ask for it in parts.'),
  );
  expect(JSON.parse(await planner.plan(SMALL, 2))).toMatchObject({
    kind: 'QueryPlan',
    node: { serviceName: 'tenant' },
  });
  expect(planner.apiSdl).toContain('type Product');
});

it('an operation that takes too long is refused; the next one is planned by a new thread', async () => {
  planner = await startPlanner(SUPERGRAPH, { maxCpuMs: 1_000 });
  await expect(planner.plan(large(4_000), 16_000)).rejects.toEqual(
    refused('The operation takes too long to plan. Ask for it in parts.'),
  );
  expect(await planner.plan(SMALL, 2)).toContain('tenant');
});

it('counts what the thread uses of a processor, and not the time that passes', async () => {
  const thread = await PlanningThread.start(SUPERGRAPH);
  const [begun] = [await thread.cpuMs(), await thread.plan(large(100), 1_000)];
  const planned = await thread.cpuMs();
  await sleep(500);
  const idle = (await thread.cpuMs()) - planned;
  await thread.end();
  expect(planned).toBeGreaterThan(begun);
  expect(process.platform === 'linux' ? idle : 0).toBeLessThan(250);
});

it('plans the smallest first, and takes no more than so many', async () => {
  planner = await startPlanner(SUPERGRAPH, { maxWaiting: 2 });
  const planned: string[] = [];
  const plan = async (name: string, size: number) => {
    await planner?.plan(`{ _0: ${name} { id } }`, size);
    planned.push(name);
  };
  const first = [plan('currentTenant', 1), plan('categories', 9), plan('currentTenant', 3)];
  await expect(plan('categories', 2)).rejects.toMatchObject({ extensions: { code: 'SERVICE_UNAVAILABLE' } });
  await Promise.all(first);
  expect(planned).toEqual(['currentTenant', 'currentTenant', 'categories']);
});

/** Of each thread of this process, by proc_pid_stat(5): field 19, the 17th after the name. Only Linux has threads of their own niceness. */
const nicenesses = () =>
  readdirSync('/proc/self/task').map((thread) =>
    Number(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[16]),
  );

it('plans behind what answers, where both want the processor', async () => {
  planner = await startPlanner(SUPERGRAPH);
  const expected = Math.min(getPriority() + 10, constants.priority.PRIORITY_LOW);
  expect(process.platform === 'linux' ? nicenesses() : [expected]).toContain(expected);
});
