import { join } from 'node:path';
import { SERVICES } from '../databases';
import { serviceFolder } from '../migrations';
import { readMigrations } from './folder';
import { migrationFaults } from './lintMigration';

/** Migrations before this one were written for databases without customers, and are applied: they stay as they are. */
const FIRST_LINTED = '20261202000000';

/** Part of `npm run check`: says each statement of a migration that would stop requests. */
async function lintMigrations(): Promise<void> {
  for (const service of SERVICES) {
    for (const { name, script } of await readMigrations(join(serviceFolder(service), 'migrations'))) {
      if (name < FIRST_LINTED) continue;
      for (const fault of await migrationFaults(name, script)) {
        console.error(`prisma/${service}/migrations/${fault}`);
        process.exitCode = 1;
      }
    }
  }
}

lintMigrations().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
