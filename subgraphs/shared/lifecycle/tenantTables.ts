import type { Transaction } from '../database';

/**
 * The tables with tenants' rows, in topological order: each before the tables that refer to it. They are read from PostgreSQL's catalog
 * instead of a list, so that no new table can be forgotten.
 */
export async function listTenantTables(tx: Transaction): Promise<string[]> {
  const tables = await tx.query({ text: TENANT_TABLES });
  const references = await tx.query({ text: REFERENCES });
  return parentsFirst(
    tables.rows.map(({ name }) => name as string),
    references.rows as Reference[],
  );
}

interface Reference {
  child: string;
  parent: string;
}

/** @throws Error for a cycle of references, since none of its tables could be emptied first. */
export function parentsFirst(tables: string[], references: Reference[]): string[] {
  const sorted: string[] = [];
  let waiting = [...tables].sort();
  while (waiting.length > 0) {
    const isReferring = (table: string) =>
      references.some(({ child, parent }) => child === table && parent !== table && waiting.includes(parent));
    const free = waiting.filter((table) => !isReferring(table));
    if (free.length === 0) throw new Error(`Tables refer to each other in a cycle: ${waiting.join(', ')}`);
    sorted.push(...free);
    waiting = waiting.filter((table) => !free.includes(table));
  }
  return sorted;
}

const TENANT_TABLES = `
  SELECT relname AS name FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'tenant_id' AND NOT attisdropped)`;

const REFERENCES = `
  SELECT child.relname AS child, parent.relname AS parent
  FROM pg_constraint
  JOIN pg_class AS child ON child.oid = conrelid
  JOIN pg_class AS parent ON parent.oid = confrelid
  WHERE contype = 'f' AND child.relnamespace = 'public'::regnamespace`;
