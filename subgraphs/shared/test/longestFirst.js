const { readFileSync } = require('node:fs');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Of a file that sets no limit: most take far less. */
const PATIENCE_MS = 30_000;

/**
 * Jest's sequencer, which starts the longest test files first by what they took in earlier runs. Where it knows of none, as on
 * a fresh clone, those go first that ask for the most patience, and of these the largest: no long one is left for the end,
 * when the other worker has nothing to do.
 */
class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const patience = new Map(sorted.map((test) => [test, patienceIn(readFileSync(test.path, 'utf8'))]));
    return sorted.sort((a, b) => patience.get(b) - patience.get(a));
  }
}

/** The longest time limit that a test file sets, in milliseconds: `}, 180_000);` or `jest.setTimeout(60_000);` */
function patienceIn(source) {
  const limits = [...source.matchAll(/(?:, |setTimeout\()(\d+_000)\);/g)].map(([, limit]) =>
    Number(limit.replace('_', '')),
  );
  return Math.max(PATIENCE_MS, ...limits);
}

module.exports = LongestFirst;
