import {
  createDatabases,
  type DatabaseCredentials,
  databasesScript,
  SERVICES,
  type Service,
} from '../../prisma/databases';
import { loadEnvFiles } from '../../subgraphs/shared/env';

/**
 * Makes the three databases and six roles on a server that is not `npm start`'s, such as the one of docker-compose.yml,
 * with the passwords that the services' URLs have. ADMIN_DATABASE_URL is of a role with CREATEDB and CREATEROLE, for this alone.
 */
export async function createDatabasesFromEnv(env: NodeJS.ProcessEnv): Promise<void> {
  const entries = SERVICES.map((service) => [service, credentialsOf(env, service)] as const);
  await createDatabases(requiredValue(env, 'ADMIN_DATABASE_URL'), Object.fromEntries(entries) as DatabaseCredentials);
}

function credentialsOf(env: NodeJS.ProcessEnv, service: Service): DatabaseCredentials[Service] {
  const prefix = service.toUpperCase();
  return {
    ownerPassword: passwordIn(env, `${prefix}_MIGRATION_DATABASE_URL`),
    appPassword: passwordIn(env, `${prefix}_DATABASE_URL`),
  };
}

function passwordIn(env: NodeJS.ProcessEnv, name: string): string {
  const value = requiredValue(env, name);
  const password = URL.canParse(value) ? decodeURIComponent(new URL(value).password) : '';
  if (!password) throw new Error(`${name}: expected a postgresql:// URL with a password`);
  return password;
}

function requiredValue(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is missing: see .env.example`);
  return value;
}

if (require.main === module && process.argv.includes('--print')) console.log(databasesScript());
else if (require.main === module) {
  loadEnvFiles();
  createDatabasesFromEnv(process.env).then(
    () =>
      console.log(`Made, or found, the databases and roles of ${SERVICES.join(', ')}. Next: npm run migration:run:all`),
    (error: Error) => {
      console.error(error.message || error);
      process.exitCode = 1;
    },
  );
}
