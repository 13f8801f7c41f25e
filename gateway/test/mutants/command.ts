import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTANTS, type Mutant } from './mutants';
import { mutate } from './mutate';

const ROOT = join(__dirname, '..', '..', '..');
const GENERATED = ['subgraphs/tenant', 'subgraphs/product', 'subgraphs/order', 'gateway', 'gateway/test/client'];
const MAX_MS = 10 * 60 * 1000;

/** Makes a copy of the last commit, with this folder's modules and generated code. Its tests start their own PostgreSQL. */
function makeCopy(): string {
  const copy = join(mkdtempSync(join(tmpdir(), 'mutants-')), 'tree');
  git('worktree', 'add', '--detach', '--quiet', copy, 'HEAD');
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const folder of GENERATED) {
    cpSync(join(ROOT, folder, 'generated'), join(copy, folder, 'generated'), { recursive: true });
  }
  return copy;
}

function git(...args: string[]): void {
  const { status, stderr } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Tests one mutant: it is killed when its test fails for the right reason, and otherwise survives. */
function tryOut(copy: string, mutant: Mutant): { dead: boolean; line: string } {
  const file = join(copy, mutant.file);
  const source = readFileSync(file, 'utf8');
  const start = Date.now();
  writeFileSync(file, mutate(source, mutant));
  try {
    const jest = join(copy, 'node_modules', 'jest', 'bin', 'jest.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [jest, ...mutant.tests], {
      cwd: copy,
      // No sample: what would find the mutant must not be left out.
      env: { ...process.env, TEST_SLOW: '1' },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      timeout: MAX_MS,
    });
    const said = `${stdout}${stderr}`;
    const seconds = Math.round((Date.now() - start) / 1000);
    const red = [...said.matchAll(/^ {2}● (.*)$/gm)].map(([, title]) => title)[0];
    if (status !== 0 && mutant.says.test(said)) return { dead: true, line: `red in ${seconds} s: ${red}` };
    const outcome = status === 0 ? 'LIVES: every test passed' : 'LIVES: red, but for another reason';
    return { dead: false, line: `${outcome} (${seconds} s)\n${said.slice(0, 4_000)}` };
  } finally {
    writeFileSync(file, source);
  }
}

/** `npm run isolation:mutants [-- part of a title]`: makes each fault in a copy, and ends with 1 when the tests let one live. */
function main(part = ''): void {
  const copy = makeCopy();
  try {
    const wanted = MUTANTS.filter(({ title }) => title.includes(part));
    let alive = 0;
    for (const mutant of wanted) {
      const { dead, line } = tryOut(copy, mutant);
      if (!dead) alive += 1;
      console.log(`${mutant.title}\n    ${line}`);
    }
    console.log(`${wanted.length - alive} of ${wanted.length} faults turned a test red`);
    process.exitCode = alive === 0 && wanted.length > 0 ? 0 : 1;
  } finally {
    git('worktree', 'remove', '--force', copy);
    rmSync(join(copy, '..'), { recursive: true, force: true });
  }
}

main(process.argv[2]);
