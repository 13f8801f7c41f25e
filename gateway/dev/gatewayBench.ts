import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSchema } from 'graphql';
import { Pool } from 'undici';
import { type Planner, startPlanner } from '../planning/planner';
import { STORE } from './benchStore';
import { readLocalEnv } from './localPlatform';
import { type MeasuredGateway, startMeasuredGateway } from './measuredGateway';
import { UNIQUE, type WorstOperation, worstOperations } from './worstOperations';

const REPEATS = 7;
const ATTACKERS = 10;
const ASKS = 150;
/** Between bursts: what the last one has left to do is not measured. */
const PAUSE_MS = 500;
const SUPERGRAPH = join(__dirname, '..', 'supergraph.graphql');
const SMALL = '{ currentTenant { name } }';
const LIST = `{ products(first: 20) { nodes { id name slug priceRange { min { amount } }
  variants(first: 3) { nodes { id sku price { amount currencyCode } } } sales { units } tenant { name } } } }`;

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const rounded = (number: number, digits = 1) => Number(number.toFixed(digits));

/**
 * `npm run bench:gateway`: what it takes to plan the hardest operations that a visitor gets through, what these do to another visitor, and
 * what our execution of plans costs beside that of @apollo/gateway. Needs the store of `npm run bench` on the running platform.
 */
async function main(): Promise<void> {
  const before = process.memoryUsage.rss();
  const planner = await startPlanner(readFileSync(SUPERGRAPH, 'utf8'));
  const worst = worstOperations(buildSchema(planner.apiSdl, { assumeValidSDL: true }));
  const planned = await measurePlanning(planner, worst);
  console.table(planned);
  console.log(
    `The planning thread holds some ${rounded((process.memoryUsage.rss() - before) / 2 ** 20, 0)} MB after these.`,
  );
  await planner.stop();

  const settings = readLocalEnv();
  const [own, apollo] = await Promise.all([
    startMeasuredGateway(settings),
    startMeasuredGateway({ ...settings, GATEWAY_EXECUTION: 'apollo' }),
  ]);
  try {
    const others = [];
    for (const operation of worst)
      for (const isExecuted of [false, true]) others.push(await measureOthers(own, operation, isExecuted));
    console.table(others);
    console.table(await compareExecutions(own, apollo));
  } finally {
    await Promise.all([own.stop(), apollo.stop()]);
  }
}

async function measurePlanning(planner: Planner, worst: WorstOperation[]) {
  // Warm: the first plans are slow by the compiler.
  for (const { text, size } of worst) await planner.plan(text, size);
  const rows: { operation: string; size: number; cpuMs: number }[] = [];
  for (const { family, text, size } of worst) {
    // The least disturbed by what else the machine does.
    const taken: number[] = [];
    for (let n = 0; n < 3 * REPEATS; n += 1) {
      const begun = process.cpuUsage();
      await planner.plan(text, size);
      const { user, system } = process.cpuUsage(begun);
      taken.push((user + system) / 1_000);
    }
    rows.push({ operation: family, size, cpuMs: rounded(Math.min(...taken)) });
  }
  return rows;
}

/**
 * Another visitor's median, alone and while ten hardest operations that came at once are under way. @param isExecuted whether they are
 * executed when they are planned: that takes more than planning does, of all services.
 */
async function measureOthers(gateway: MeasuredGateway, { family, text }: WorstOperation, isExecuted: boolean) {
  const askers = Array.from({ length: ATTACKERS }, () => asker(gateway));
  const attackOf = (name: string) =>
    `query ($runs: Boolean = ${isExecuted}) { ...R @include(if: $runs) } fragment R on Query ${text.replace(UNIQUE, name)}`;
  const alone = await timesOf(gateway, (n) => n < ASKS);
  const meanwhile: number[] = [];
  for (let burst = 0; burst < REPEATS; burst += 1) {
    let left = ATTACKERS;
    const attack = askers.map(async (ask, n) => {
      await ask(attackOf(`${isExecuted}_${burst}_${n}`));
      left -= 1;
    });
    meanwhile.push(...(await timesOf(gateway, () => left > 0)));
    await Promise.all(attack);
    await sleep(PAUSE_MS);
  }
  const [usual, slowed] = [median(alone), median(meanwhile)];
  return {
    operation: family,
    'ten at once are': isExecuted ? 'planned and executed' : 'planned',
    'alone, ms': rounded(usual),
    'meanwhile, ms': rounded(slowed),
    times: rounded(slowed / usual, 2),
  };
}

async function timesOf(gateway: MeasuredGateway, goOn: (asked: number) => boolean): Promise<number[]> {
  const ask = asker(gateway);
  const taken: number[] = [];
  while (goOn(taken.length)) {
    const begun = performance.now();
    await ask(SMALL);
    taken.push(performance.now() - begun);
  }
  return taken;
}

/** Processor time of one answer: of rounds that alternate, the least disturbed. */
async function compareExecutions(own: MeasuredGateway, apollo: MeasuredGateway) {
  const rows = [];
  for (const [operation, query] of Object.entries({ small: SMALL, 'a list of 20 products of two subgraphs': LIST })) {
    const taken: [number[], number[]] = [[], []];
    for (let round = 0; round < REPEATS; round += 1) {
      taken[0].push(await cpuOf(own, query));
      taken[1].push(await cpuOf(apollo, query));
    }
    const [ours, theirs] = taken.map((times) => Math.min(...times)) as [number, number];
    rows.push({
      operation,
      'own, ms': rounded(ours, 2),
      'apollo, ms': rounded(theirs, 2),
      ratio: rounded(ours / theirs, 2),
    });
  }
  return rows;
}

async function cpuOf(gateway: MeasuredGateway, query: string): Promise<number> {
  const ask = asker(gateway);
  const begun = await gateway.cpuMs();
  for (let n = 0; n < ASKS; n += 1) await ask(query);
  return ((await gateway.cpuMs()) - begun) / ASKS;
}

/** As a visitor of the benchmark's store. */
function asker({ origin }: MeasuredGateway) {
  const pool = new Pool(origin, { connections: 1 });
  const headers = { 'content-type': 'application/json', 'x-store-domain': STORE.slug };
  return async (query: string): Promise<void> => {
    const answer = await pool.request({ method: 'POST', path: '/graphql', headers, body: JSON.stringify({ query }) });
    const { errors } = (await answer.body.json()) as { errors?: { extensions: { code: string } }[] };
    const codes = errors?.map(({ extensions }) => extensions.code) ?? [];
    const isExpected = codes.every((code) => code === 'UNAUTHENTICATED' || code === 'SERVICE_UNAVAILABLE');
    if (!isExpected) throw new Error(`The benchmark was refused: ${codes.join()}`);
  };
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
