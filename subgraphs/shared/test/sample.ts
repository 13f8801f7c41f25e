import { randomInt } from 'node:crypto';

/** `npm run test:slow`: all of what other runs try a part of. */
const IN_FULL = process.env.TEST_SLOW === '1';

/** What a run's samples are drawn by; a test says it in its title, and `TEST_SEED=…` draws the same again. */
export const SEED = Number(process.env.TEST_SEED ?? randomInt(1_000_000));

/** So many of them, another choice in each run; all in `npm run test:slow`. */
export function sample<Item>(items: readonly Item[], count: number, seed = SEED, inFull = IN_FULL): Item[] {
  const left = [...items];
  if (inFull || count >= left.length) return left;
  const next = randomNumbers(seed);
  return Array.from({ length: count }, () => left.splice(Math.floor(next() * left.length), 1)).flat();
}

/** Mulberry32: numbers from 0 up to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
