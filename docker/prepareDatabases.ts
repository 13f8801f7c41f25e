import { SERVICES } from '../prisma/databases';
import { migrate } from '../prisma/migrate';
import { loadEnvFiles } from '../subgraphs/shared/env';
import { createDatabasesFromEnv } from './postgres/createDatabases';

/** Before the services start: the databases and roles where they are missing, and pending migrations. May be run again. */
async function prepareDatabases(): Promise<void> {
  loadEnvFiles();
  await createDatabasesFromEnv(process.env);
  await migrate([...SERVICES], process.env, console.log);
}

prepareDatabases().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
