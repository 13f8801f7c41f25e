const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const base = require('../../../jest.config.js');

const ROOT = join(__dirname, '..', '..', '..');

/** A subgraph that it shares with others costs a test file nothing; what starts servers of its own takes seconds. */
function isQuick(file) {
  if (file.endsWith('.e2e.test.ts')) return false;
  return !file.endsWith('.int.test.ts') || /\bstartTestSubgraph\(\)/.test(readFileSync(join(ROOT, file), 'utf8'));
}

const files = base.roots
  .map((root) => root.replace('<rootDir>/', ''))
  .flatMap((root) => readdirSync(join(ROOT, root), { recursive: true }).map((file) => `${root}/${file}`))
  .filter((file) => file.endsWith('.test.ts'));

/**
 * `npm run test:quick`: the test files that need no server of their own.
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  rootDir: ROOT,
  testMatch: files.filter(isQuick).map((file) => `<rootDir>/${file}`),
};
