import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import globalSetup from '../../../../prisma/test/globalSetup';
import globalTeardown from '../../../../prisma/test/globalTeardown';

const ROOT = join(__dirname, '..', '..', '..', '..');
const CONFIG = 'subgraphs/shared/test/mutation/stryker.config.mjs';

/**
 * `npm run mutation`: Stryker on a PostgreSQL that is started once, as Jest's globalSetup would start one for each mutant. Arguments are
 * Stryker's, such as `-- --mutate subgraphs/shared/money.ts`. Exits non-zero below the score that stryker.config.mjs asks for.
 */
async function main(args: string[]): Promise<void> {
  await globalSetup();
  try {
    const stryker = join(ROOT, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
    const child = spawn(process.execPath, [stryker, 'run', CONFIG, ...args], { cwd: ROOT, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    process.exitCode = code ?? 1;
  } finally {
    await globalTeardown();
  }
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
