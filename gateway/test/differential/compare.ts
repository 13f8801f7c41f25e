import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../../subgraphs/shared/caller';
import type { Answer, TestSupergraph } from '../startSupergraph';
import type { GeneratedOperation } from './generateOperation';
import type { Question, Verdict } from './judge';

/** Someone who asks: of the gateway by headers, of the judge as the caller that the gateway makes of these. */
export interface Asker {
  headers: Record<string, string>;
  caller: Caller;
}

export interface Difference extends GeneratedOperation {
  role: string;
  gateway: unknown;
  judge: unknown;
}

/** The judge: see judge.ts. */
export interface Judge {
  ask(operation: GeneratedOperation, caller: Caller): Promise<Verdict>;
  stop(): Promise<void>;
}

const ROOT = join(__dirname, '..', '..', '..');

export async function startJudge(env: Record<string, string>): Promise<Judge> {
  const child = fork(join(__dirname, 'judge.ts'), {
    cwd: ROOT,
    env: { ...process.env, ...env },
    execArgv: ['--require', './gateway/dev/ts'],
  });
  const exited = once(child, 'exit');
  const waiting = new Map<number, (verdict: Verdict) => void>();
  let asked = 0;
  await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => Promise.reject(new Error(`The judge ended with ${code}; its reason is above.`))),
  ]);
  child.on('message', (verdict: Verdict) => {
    waiting.get(verdict.id)?.(verdict);
    waiting.delete(verdict.id);
  });
  return {
    ask: ({ query, variables }, caller) =>
      new Promise((resolve) => {
        const id = asked++;
        waiting.set(id, resolve);
        child.send({ id, query, variables, caller } satisfies Question);
      }),
    async stop() {
      child.disconnect();
      await exited;
    },
  };
}

/** Refused before anything runs: by limits/costLimit.ts, queryCost.ts and sizeLimit.ts. */
const TOO_MUCH = /^The (operation (asks for|costs)|size of the operation)/;

/** What differs between the answers of the gateway and the judge; null when nothing does. Data is compared with the order of its fields. */
export async function compare(
  graph: TestSupergraph,
  judge: Judge,
  operation: GeneratedOperation,
  { headers, caller }: Asker,
): Promise<Difference | null> {
  const [{ body }, verdict] = await Promise.all([
    askPatiently(graph, headers, operation),
    judge.ask(operation, caller),
  ]);
  const gateway: Told = body;
  if (TOO_MUCH.test(body.errors?.[0]?.message)) return null;
  if (isBusy(gateway) || isBusy(verdict)) {
    await sleep(1_000);
    return compare(graph, judge, operation, { headers, caller });
  }
  const isSame = comparable(gateway.data) === comparable(verdict.data);
  if (isSame && sameErrors(gateway, verdict)) return null;
  return { ...operation, role: caller.role, gateway: readable(gateway), judge: readable(verdict) };
}

/** A machine with other work to do: neither has answered. */
const isBusy = ({ errors = [] }: Told) => errors.some(({ extensions }) => extensions?.code === 'SERVICE_UNAVAILABLE');

interface Told {
  data?: unknown;
  errors?: readonly { path?: readonly (string | number)[]; extensions?: { code?: unknown } }[];
}

/** The errors by the place that each made null: of several that make the same place null, any may be told, and any left out. */
function nullPlaces({ data, errors = [] }: Told): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  for (const { path = [], extensions } of errors) {
    let at = data;
    const place: (string | number)[] = [];
    for (const key of path) {
      if (at === null || typeof at !== 'object') break;
      at = (at as Record<string | number, unknown>)[key];
      place.push(key);
    }
    const told = places.get(place.join('.')) ?? new Set();
    places.set(place.join('.'), told.add(`${path.join('.')} ${extensions?.code}`));
  }
  return places;
}

function sameErrors(one: Told, other: Told): boolean {
  const [ones, others] = [nullPlaces(one), nullPlaces(other)];
  return (
    ones.size === others.size &&
    [...ones].every(([place, told]) => [...told].some((error) => others.get(place)?.has(error)))
  );
}

/** A signed address has the second of its end in it. */
const comparable = (data: unknown) =>
  JSON.stringify(data ?? null).replace(/(\/media\/\w+)\/[^/"]+(\/[^"]*?)\/\d{10}\//g, '$1$2/');

const readable = ({ data = null, errors = [] }: Told) => ({
  data,
  errors: errors.map(({ path = [], extensions }) => `${path.join('.')} ${extensions?.code}`),
});

/** As a client does that is told to wait. */
async function askPatiently(
  graph: TestSupergraph,
  headers: Record<string, string>,
  { query, variables }: GeneratedOperation,
): Promise<Answer> {
  const answer = await graph.ask(headers, query, variables);
  if (answer.status !== 429) return answer;
  await sleep(1_000);
  return askPatiently(graph, headers, { query, variables });
}
