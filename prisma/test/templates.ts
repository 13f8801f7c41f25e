import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import {
  createDatabase,
  createRoles,
  type DatabaseCredentials,
  onDatabase,
  ownerRole,
  SERVICES,
  type Service,
  withClient,
} from '../databases';
import { fingerprint, readMigrations } from '../migration/folder';
import { applyMigrations, serviceFolder } from '../migrations';
import { templateName } from '../testDatabase';

/** Sets the roles' passwords, and rebuilds the templates whose migrations or privileges have changed since the last run. */
export async function buildTemplates(adminUrl: string, credentials: DatabaseCredentials): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    for (const service of SERVICES) {
      await createRoles(admin, service, credentials[service]);
      await buildTemplate(adminUrl, admin, service, credentials[service].ownerPassword);
    }
  });
}

async function buildTemplate(adminUrl: string, admin: Client, service: Service, ownerPassword: string): Promise<void> {
  const name = templateName(service);
  const content = await contentOf(service);
  const { rows } = await admin.query(
    `SELECT shobj_description(oid, 'pg_database') AS content FROM pg_database WHERE datname = $1`,
    [name],
  );
  if (rows[0]?.content === content) return;

  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await createDatabase(adminUrl, admin, service, name);
  const ownerUrl = new URL(onDatabase(adminUrl, name));
  ownerUrl.username = ownerRole(service);
  ownerUrl.password = encodeURIComponent(ownerPassword);
  await applyMigrations(ownerUrl.href, serviceFolder(service));
  // Last, so that the next run rebuilds the template of an interrupted run.
  await admin.query(`COMMENT ON DATABASE ${name} IS ${admin.escapeLiteral(content)}`);
}

/** A template is rebuilt when this changes: the migrations, and the code that grants and revokes privileges. */
async function contentOf(service: Service): Promise<string> {
  const hash = createHash('sha256').update(
    fingerprint(await readMigrations(join(serviceFolder(service), 'migrations'))),
  );
  for (const file of ['databases.ts', 'migrations.ts', 'migration/history.ts']) {
    hash.update(await readFile(join(__dirname, '..', file)));
  }
  return hash.digest('hex');
}
