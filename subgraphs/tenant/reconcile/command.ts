import { parseArgs } from 'node:util';
import { EnvError, loadEnvFiles } from '../../shared/env';
import { createLogger } from '../../shared/log';
import { openTenantDatabase } from '../database';
import { readEnv } from '../env';
import { clerkDirectory, clerkFaultOf } from './clerkDirectory';
import { reconcile, TooManyDeletions } from './reconcile.service';

/** `npm run -s tenants:reconcile`: reconciles once. Prints the counts as a line of JSON, and exits with 1 when some failed. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'allow-deletions': { type: 'boolean', default: false } } });
  loadEnvFiles();
  const env = readEnv(process.env);
  if (!env.CLERK_SECRET_KEY) throw new EnvError(['CLERK_SECRET_KEY: is missing; expected sk_… of your Clerk instance']);
  const { db, close } = await openTenantDatabase(env.TENANT_DATABASE_URL, 2);
  try {
    const clerk = clerkDirectory(env.CLERK_SECRET_KEY, { apiUrl: env.CLERK_API_URL });
    const logger = createLogger('tenant', 'fatal');
    const reconciled = await reconcile({ db, clerk, logger, allowDeletions: values['allow-deletions'] });
    console.log(JSON.stringify(reconciled));
    if (reconciled.failed > 0) process.exitCode = 1;
  } finally {
    await close();
  }
}

main().catch((error: Error) => {
  const isForPeople = error instanceof EnvError || error instanceof TooManyDeletions;
  console.error(isForPeople ? error.message : (clerkFaultOf(error) ?? error));
  process.exitCode = 1;
});
