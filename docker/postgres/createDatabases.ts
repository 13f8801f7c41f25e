import { createDatabases, type DatabaseCredentials, SERVICES, type Service } from '../../prisma/databases';
import { loadEnvFiles } from '../../subgraphs/shared/env';

/**
 * Makes the three databases and six roles on a server that is not `npm start`'s, such as the one of docker-compose.yml,
 * with the passwords that the services' URLs have. ADMIN_DATABASE_URL is a superuser's, for this alone.
 */
async function main(): Promise<void> {
  loadEnvFiles();
  const adminUrl = requiredValue('ADMIN_DATABASE_URL');
  const entries = SERVICES.map((service) => [service, credentialsOf(service)] as const);
  await createDatabases(adminUrl, Object.fromEntries(entries) as DatabaseCredentials);
  console.log(`Made, or found, the databases and roles of ${SERVICES.join(', ')}. Next: npm run migration:run:all`);
}

function credentialsOf(service: Service): DatabaseCredentials[Service] {
  const prefix = service.toUpperCase();
  return {
    ownerPassword: passwordIn(`${prefix}_MIGRATION_DATABASE_URL`),
    appPassword: passwordIn(`${prefix}_DATABASE_URL`),
  };
}

function passwordIn(name: string): string {
  const value = requiredValue(name);
  const password = URL.canParse(value) ? decodeURIComponent(new URL(value).password) : '';
  if (!password) throw new Error(`${name}: expected a postgresql:// URL with a password`);
  return password;
}

function requiredValue(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: see .env.example`);
  return value;
}

main().catch((error: Error) => {
  console.error(error.message || error);
  process.exitCode = 1;
});
