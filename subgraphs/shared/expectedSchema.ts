import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { QueryResult } from 'pg';
import type { Audience } from './caller';

const ROOT = join(__dirname, '..', '..');

/**
 * Whether a database has what this version of the code expects: each migration of its folder is applied. One that has more is ahead of the
 * code, as during an update, and is fine: migrations expand first, and contract when no old version runs any more.
 * @param inspect sends a statement without a scope.
 * @returns a function that rejects, with the first that is missing, until all are applied; then it only asks whether the database answers.
 */
export function expectedSchema(service: Audience, inspect: (sql: string) => Promise<QueryResult>): () => Promise<void> {
  const expected = readdirSync(join(ROOT, 'prisma', service, 'migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  let isComplete = false;
  return async () => {
    if (isComplete) return void (await inspect('SELECT 1'));
    const { rows } = await inspect(
      'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    const applied = new Set(rows.map(({ name }) => name));
    const missing = expected.find((name) => !applied.has(name));
    if (missing) throw new Error(`The database lacks the migration ${missing}: run npm run migration:${service}:run`);
    isComplete = true;
  };
}
