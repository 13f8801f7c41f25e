import { cancellationFor, markReadOnly, withCancellation } from '../cancellation';

const gone = AbortSignal.abort();
const inQuery = (sql: string) =>
  withCancellation(
    () => gone,
    () => {
      markReadOnly();
      return cancellationFor(sql);
    },
  );

describe('is carried out whoever waits:', () => {
  it.each([
    ['what changes rows', 'UPDATE carts SET note = $1'],
    ['what changes rows and begins as a list', 'WITH due AS (SELECT 1) DELETE FROM carts RETURNING *'],
    ['what locks rows', 'SELECT 1 FROM tenants WHERE tenant_id = $1 FOR SHARE'],
    ['what locks rows for a change', 'SELECT 1 FROM tenants WHERE tenant_id = $1\nFOR UPDATE'],
    ['the end of a transaction', 'COMMIT'],
  ])('%s', (_what, sql) => {
    expect(inQuery(sql)).toBeNull();
  });

  it('what a mutation reads', () => {
    expect(
      withCancellation(
        () => gone,
        () => cancellationFor('SELECT 1'),
      ),
    ).toBeNull();
  });

  it('what no request asked for', () => {
    markReadOnly();
    expect(cancellationFor('SELECT 1')).toBeNull();
  });
});

it.each([
  'SELECT "public"."products"."updated_at" FROM "public"."products"',
  '\n  WITH RECURSIVE tree AS (SELECT 1) SELECT * FROM tree',
])('what a query reads is not: %s', (sql) => {
  expect(inQuery(sql)).toBe(gone);
});
