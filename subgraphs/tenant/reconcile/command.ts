import { EnvError, loadEnvFiles } from '../../shared/env';
import { openTenantDatabase } from '../database';
import { readEnv } from '../env';
import { clerkDirectory } from './clerkDirectory';
import { reconcile } from './reconcile.service';

/** `npm run -s tenants:reconcile`: one round, now; prints what it found as a line of JSON. */
async function main(): Promise<void> {
  loadEnvFiles();
  const env = readEnv(process.env);
  if (!env.CLERK_SECRET_KEY) throw new EnvError(['CLERK_SECRET_KEY: is missing; expected sk_… of your Clerk instance']);
  const { db, close } = await openTenantDatabase(env.TENANT_DATABASE_URL, 2);
  try {
    console.log(JSON.stringify(await reconcile(db, clerkDirectory(env.CLERK_SECRET_KEY, env.CLERK_API_URL))));
  } finally {
    await close();
  }
}

main().catch((error: Error) => {
  console.error(error instanceof EnvError ? error.message : error);
  process.exitCode = 1;
});
