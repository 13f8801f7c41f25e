import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MUTANTS } from './mutants';
import { mutate } from './mutate';

const ROOT = join(__dirname, '..', '..', '..');

// "npm run isolation:mutants" runs the tests against each mutant; this only checks that each still fits the source.
it.each(MUTANTS.map((mutant) => [mutant.title, mutant] as const))(
  '%s can still be made, and has its test',
  (_title, mutant) => {
    const source = readFileSync(join(ROOT, mutant.file), 'utf8');
    expect(mutate(source, mutant)).not.toBe(source);
    expect(existsSync(join(ROOT, mutant.tests[0] ?? ''))).toBe(true);
  },
);

it('a mutant whose place is missing is an error', () => {
  const [mutant] = MUTANTS;
  if (mutant) expect(() => mutate('something else', mutant)).toThrow(/its place is 0 times/);
});
