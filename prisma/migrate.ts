import { loadEnvFiles } from '../subgraphs/shared/env';
import { isService, SERVICES } from './databases';
import { applyMigrations, MigrationError, serviceFolder } from './migrations';

/**
 * `node -r ./gateway/dev/ts prisma/migrate.ts tenant product order`: applies the migrations of the named services, one service after the other.
 * @param env holds `<SERVICE>_MIGRATION_DATABASE_URL` for each.
 * @throws MigrationError at the first one that fails; those before it stay applied.
 */
export async function migrate(
  services: string[],
  env: Record<string, string | undefined>,
  print: (line: string) => void,
): Promise<void> {
  if (services.length === 0) throw new MigrationError(`Name what to migrate: ${SERVICES.join(', ')}.`);
  const targets = services.map((service) => {
    if (!isService(service)) throw new MigrationError(`There is no service "${service}": ${SERVICES.join(', ')}.`);
    const variable = `${service.toUpperCase()}_MIGRATION_DATABASE_URL`;
    const url = env[variable];
    if (!url) throw new MigrationError(`${variable} is not set: the URL of the role ${service}_owner.`);
    if (!URL.canParse(url)) throw new MigrationError(`${variable} is not a URL.`);
    return { service, url };
  });
  for (const { service, url } of targets) {
    const { applied, unknown } = await applyMigrations(url, serviceFolder(service));
    for (const name of applied) print(`${service}: applied ${name}`);
    if (applied.length === 0) print(`${service}: nothing to apply`);
    if (unknown.length > 0) print(`${service}: the database is ahead of this code by ${unknown.join(', ')}`);
  }
}

if (require.main === module) {
  loadEnvFiles();
  migrate(process.argv.slice(2), process.env, console.log).catch((error) => {
    console.error(error instanceof MigrationError ? error.message : error);
    process.exitCode = 1;
  });
}
