import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { readArguments } from './arguments';
import { DEMO_STORES } from './demoStores';
import { readLocalEnv } from './localPlatform';
import { startMeasuredGateway } from './measuredGateway';

const USAGE = 'npm run fairness [-- --rate 10] [--seconds 10] [--rounds 5]';
const TIMES = 10;
const QUERY = `query Shop($reverse: Boolean!) { products(first: 20, reverse: $reverse) {
  nodes { id name slug priceRange { min { amount } } variants(first: 3) { nodes { id sku price { amount currencyCode } } } } } }`;
/** Of a gateway of its own: every request comes from another buyer's address, and only a store's own limit may hold it up. */
const SETTINGS = { TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'error' };

interface Answer {
  store: string;
  ms: number;
  status: number;
}

/**
 * `npm run fairness`: the first demo store is asked ten times as often as each other one. Says the other stores' 99th percentile, beside that of
 * the same rates without the flood: rounds of both alternate, and the median of each counts. Needs the running platform.
 */
async function main(): Promise<void> {
  const number = { type: 'string' } as const;
  const { values } = readArguments({ rate: number, seconds: number, rounds: number }, USAGE);
  const [rate, seconds, rounds] = [values.rate ?? 10, values.seconds ?? 10, values.rounds ?? 5].map(Number);
  if (!rate || !seconds || !rounds) throw new Error(`Expected numbers: ${USAGE}`);
  const [loud = '', ...others] = DEMO_STORES.map(({ slug }) => slug);
  const gateway = await startMeasuredGateway({ ...readLocalEnv(), ...SETTINGS });
  const pool = new Pool(gateway.origin, { connections: 256 });
  try {
    const measure = async (rateOfLoud: number) => {
      const answers = await Promise.all([
        askAt(pool, loud, rateOfLoud, seconds),
        ...others.map((store) => askAt(pool, store, rate, seconds)),
      ]);
      return answers.flat();
    };
    await measure(rate);
    const rows = { even: [] as Answer[][], flooded: [] as Answer[][] };
    for (let round = 0; round < rounds; round += 1) {
      rows.even.push(await measure(rate));
      rows.flooded.push(await measure(TIMES * rate));
    }
    const p99 = (answers: Answer[]) =>
      percentile(
        answers.filter(({ store }) => store !== loud),
        0.99,
      );
    const [even, flooded] = [median(rows.even.map(p99)), median(rows.flooded.map(p99))];
    console.table([
      {
        asked: `each store ${rate} times a second`,
        'the others’ p99, ms': Math.round(even),
        ...refusals(rows.even.flat(), loud),
      },
      {
        asked: `${loud} ${TIMES * rate} times`,
        'the others’ p99, ms': Math.round(flooded),
        ...refusals(rows.flooded.flat(), loud),
      },
    ]);
    console.log(`${(flooded / even).toFixed(2)} times`);
  } finally {
    await Promise.all([pool.close(), gateway.stop()]);
  }
}

/** Asks at a constant rate, however long the answers take. */
async function askAt(pool: Pool, store: string, rate: number, seconds: number): Promise<Answer[]> {
  const begun = performance.now();
  const answers: Promise<Answer>[] = [];
  for (let n = 0; n < rate * seconds; n += 1) {
    await sleep(Math.max(0, begun + (n * 1_000) / rate - performance.now()));
    answers.push(askOnce(pool, store, n));
  }
  return Promise.all(answers);
}

async function askOnce(pool: Pool, store: string, n: number): Promise<Answer> {
  const begun = performance.now();
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/graphql',
    headers: {
      'content-type': 'application/json',
      'x-store-domain': `${store}.localhost`,
      'x-forwarded-for': `198.51.100.${n % 250}`,
    },
    body: JSON.stringify({ query: QUERY, variables: { reverse: n % 2 === 0 } }),
  });
  await body.dump();
  return { store, ms: performance.now() - begun, status: statusCode };
}

const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);
const median = (numbers: number[]) => sorted(numbers)[numbers.length >> 1] ?? 0;
const percentile = (answers: Answer[], share: number) => {
  const times = sorted(answers.map(({ ms }) => ms));
  return times[Math.floor(share * times.length)] ?? 0;
};

/** How many were answered otherwise than with 200, of the loud store and of the others. */
function refusals(answers: Answer[], loud: string) {
  const refused = answers.filter(({ status }) => status !== 200);
  const ofLoud = refused.filter(({ store }) => store === loud).length;
  return { 'refused of the first': ofLoud, 'of the others': refused.length - ofLoud };
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
