import { migrationFaults } from './lintMigration';

const faultsOf = async (script: string) =>
  (await migrationFaults('1_x', script)).map((fault) => /\((\w+)\)$/.exec(fault)?.[1]);

describe('a migration', () => {
  it.each([
    ['an index', 'CREATE INDEX "i" ON "orders"("id")', 'index'],
    [
      'CONCURRENTLY beside another statement',
      'SELECT 1; CREATE INDEX CONCURRENTLY "i" ON "orders"("id")',
      'transaction',
    ],
    ['the end of an index', 'DROP INDEX "i"', 'index'],
    ['a CHECK that is valid', 'ALTER TABLE "orders" ADD CONSTRAINT "c" CHECK ("a" > 0)', 'constraint'],
    [
      'a foreign key that is valid',
      'ALTER TABLE "a" ADD CONSTRAINT "f" FOREIGN KEY ("b") REFERENCES "b"("id")',
      'constraint',
    ],
    ['a unique constraint', 'ALTER TABLE "a" ADD CONSTRAINT "u" UNIQUE ("b")', 'index'],
    ['SET NOT NULL', 'ALTER TABLE "a" ALTER COLUMN "b" SET NOT NULL', 'constraint'],
    ['a column that must have a value', 'ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL', 'constraint'],
    ['a column with a CHECK', 'ALTER TABLE "a" ADD COLUMN "b" TEXT CHECK ("b" <> $$$$)', 'constraint'],
    ['a default for each row', `ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL DEFAULT new_id('b')`, 'rewrite'],
    ['a generated column', 'ALTER TABLE "a" ADD COLUMN "b" INT GENERATED ALWAYS AS (1) STORED', 'rewrite'],
    ['another type', 'ALTER TABLE "a" ALTER COLUMN "b" TYPE BIGINT', 'rewrite'],
    ['the end of a column', 'ALTER TABLE "a" DROP COLUMN "b"', 'contract'],
    ['another name of a column', 'ALTER TABLE "a" RENAME COLUMN "b" TO "c"', 'contract'],
    ['the end of a table', 'DROP TABLE "a"', 'contract'],
    ['another name of a value', `ALTER TYPE "t" RENAME VALUE 'A' TO 'B'`, 'contract'],
    ['a lifted policy', 'ALTER TABLE "a" NO FORCE ROW LEVEL SECURITY', 'backfill'],
    ['changed rows of an altered table', 'ALTER TABLE "a" ADD COLUMN "b" INT; UPDATE "a" SET "b" = 1', 'backfill'],
    ['a transaction of its own', 'COMMIT', 'transaction'],
    ['a rewritten table', 'VACUUM FULL "a"', 'rewrite'],
  ])('with %s is refused', async (_what, script, rule) => {
    expect(await faultsOf(script)).toEqual([rule]);
  });

  it.each([
    ['an index by itself, CONCURRENTLY', 'CREATE UNIQUE INDEX CONCURRENTLY "i" ON "orders"("id")'],
    [
      'columns that cost nothing',
      `ALTER TABLE "a" ADD COLUMN "b" JSONB NOT NULL DEFAULT '[]', ADD COLUMN "c" TIMESTAMPTZ DEFAULT now()`,
    ],
    ['a constraint that is NOT VALID', 'ALTER TABLE "a" ADD CONSTRAINT "c" CHECK ("a" > 0) NOT VALID'],
    ['the validation of one', 'ALTER TABLE "a" VALIDATE CONSTRAINT "c"'],
    ['a unique constraint of an index', 'ALTER TABLE "a" ADD CONSTRAINT "u" UNIQUE USING INDEX "i"'],
    [
      'all of a new table',
      'CREATE TABLE "n" ("id" INT); CREATE INDEX "i" ON "n"("id"); ALTER TABLE "n" ADD CONSTRAINT "c" CHECK ("id" > 0)',
    ],
    ['a contract step with its reason', '-- allow contract: not read since 0.3\nALTER TABLE "a" DROP COLUMN "b"'],
  ])('with %s is taken', async (_what, script) => {
    expect(await faultsOf(script)).toEqual([]);
  });

  it('says what to do instead', async () => {
    expect(await migrationFaults('20270101000000_more', 'CREATE INDEX "i" ON "orders"("id")')).toEqual([
      '20270101000000_more: CREATE INDEX i stops writes to orders: CONCURRENTLY, in a migration of its own (index)',
    ]);
  });
});
