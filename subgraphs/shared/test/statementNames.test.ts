import { StatementNames } from '../statementNames';

const nameAfter = (times: number, text: string, names = new StatementNames()) => {
  let name: string | undefined;
  for (let n = 0; n < times; n += 1) name = names.nameOf(text);
  return name;
};

describe('a statement’s name', () => {
  it('is given when it is sent for the third time, and stays', () => {
    const names = new StatementNames();
    const text = 'UPDATE orders SET note = $1 WHERE tenant_id = $2 AND id = $3';
    expect([1, 2, 3, 4].map(() => names.nameOf(text))).toEqual([undefined, undefined, 'often_0', 'often_0']);
    expect(nameAfter(3, 'WITH a AS (INSERT INTO keys VALUES ($1)) SELECT 1', names)).toBe('often_1');
    expect(nameAfter(3, 'SELECT id FROM orders WHERE id = $1 ORDER BY id FOR NO KEY UPDATE', names)).toBe('often_2');
  });

  it('is given to at most 256, since connections keep named statements', () => {
    const names = new StatementNames();
    const given = new Set(Array.from({ length: 1_000 }, (_, n) => nameAfter(3, `UPDATE t SET a = ${n}`, names)));
    expect([given.size, given.has(undefined), nameAfter(1, 'UPDATE t SET a = 0', names)]).toEqual([
      257,
      true,
      'often_0',
    ]);
  });
});
