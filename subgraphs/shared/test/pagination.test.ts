import { connectionOf, readPage, type SortOrder, toConnection } from '../pagination';

const BY_NAME: SortOrder = { key: 'NAME', column: 'name', kind: 'text', reverse: false };
const rows = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ id: `id_${name}`, name }));
const count = async () => rows.length;

describe('readPage', () => {
  it.each([
    ['first: 0', { first: 0 }],
    ['first: -1', { first: -1 }],
    ['first: 101', { first: 101 }],
    ['last: 1000000', { last: 1_000_000 }],
    ['first and last', { first: 1, last: 1 }],
    ['a cursor that is no base64', { after: '%%%' }],
    ['a cursor that is no array', { after: Buffer.from('{"__proto__":1}').toString('base64url') }],
    ['a cursor of another order', { after: Buffer.from('["CREATED_AT","x","id"]').toString('base64url') }],
    ['a cursor with a value of another kind', { after: Buffer.from('["NAME",{"gt":""},"id"]').toString('base64url') }],
    ['a cursor with a NUL', { before: Buffer.from('["NAME","\\u0000","id"]').toString('base64url') }],
  ])('refuses %s', (_name, args) => {
    expect(() => readPage(args, BY_NAME)).toThrow(
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) }),
    );
  });

  const cursorOf = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const order = (kind: SortOrder['kind']): SortOrder => ({ key: 'KEY', column: 'value', kind, reverse: false });

  it.each<[SortOrder['kind'], unknown]>([
    ['text', 1],
    ['text', null],
    ['number', '1'],
    ['number', 1.5],
    ['number', 2 ** 31],
    ['bigint', 1],
    ['bigint', ''],
    ['bigint', '-'],
    ['bigint', '1e3'],
    ['bigint', ' 1'],
    ['bigint', '1 '],
    ['bigint', '1234567890123456789'],
    ['date', 1],
    ['date', '2026-13-01T00:00:00.000Z'],
    ['date', '2026-11-24'],
    ['date', '0026-11-24T00:00:00.000Z'],
    ['date', '12026-11-24T00:00:00.000Z'],
    ['date', '2026-11-24T00:00:00.000Z '],
    ['date', '2026-11-24T00:00:00+02:00Z'],
    ['date', '+012026-11-24T00:00:00.000Z'],
    ['date', ['2026-11-24T00:00:00.000Z']],
    ['date', null],
    ['number', null],
    ['number', -(2 ** 31) - 1],
    ['bigint', ['1']],
  ])('refuses a cursor of a %s with the value %j', (kind, value) => {
    expect(() => readPage({ after: cursorOf('KEY', value, 'id') }, order(kind))).toThrow(
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'after' }) }),
    );
  });

  it.each([
    ['without an id', cursorOf('KEY', 'a')],
    ['with more than three parts', cursorOf('KEY', 'a', 'id', 'more')],
    ['with an id that is no text', cursorOf('KEY', 'a', 1)],
    ['with a NUL in its id', cursorOf('KEY', 'a', 'i\u0000d')],
    ['of null', Buffer.from('null').toString('base64url')],
  ])('refuses a cursor %s', (_what, after) => {
    expect(() => readPage({ after }, order('text'))).toThrow(/a cursor that this list gave, sorted by KEY/);
  });

  it.each<[SortOrder['kind'], unknown, unknown]>([
    ['text', '', ''],
    ['number', -(2 ** 31), -(2 ** 31)],
    ['number', 2 ** 31 - 1, 2 ** 31 - 1],
    ['bigint', '-12', -12n],
    ['bigint', '123456789012345678', 123_456_789_012_345_678n],
    ['date', '2026-11-24T09:30:00.123Z', new Date('2026-11-24T09:30:00.123Z')],
  ])('reads a cursor of a %s with the value %j', (kind, value, read) => {
    expect(readPage({ after: cursorOf('KEY', value, 'id') }, order(kind)).bounds).toEqual([
      { side: 'gt', value: read, id: 'id' },
    ]);
  });

  it('bounds a page on the correct side for the list’s order', () => {
    const [after, before] = [cursorOf('KEY', 'a', 'ia'), cursorOf('KEY', 'b', 'ib')];
    const sides = (reverse: boolean) =>
      readPage({ after, before }, { ...order('text'), reverse }).bounds.map(({ side }) => side);
    expect(sides(false)).toEqual(['gt', 'lt']);
    expect(sides(true)).toEqual(['lt', 'gt']);
    expect(readPage({ before }, order('text')).query.where).toEqual({
      AND: [{ value: { lte: 'b' }, OR: [{ value: { lt: 'b' } }, { id: { lt: 'ib' } }] }],
    });
  });

  it.each<[Parameters<typeof readPage>[0], Partial<ReturnType<typeof readPage>>]>([
    [{}, { limit: 20, backwards: false, hasCursor: false, descending: false, bounds: [] }],
    [{ first: 1 }, { limit: 1 }],
    [{ first: 100 }, { limit: 100 }],
    [
      { first: null, last: null, after: null, before: null },
      { limit: 20, backwards: false, hasCursor: false },
    ],
    [{ last: 3 }, { limit: 3, backwards: true, descending: true }],
    [{ after: cursorOf('KEY', 'a', 'ia') }, { hasCursor: true }],
  ])('reads %j', (args, page) => {
    expect(readPage(args, order('text'))).toMatchObject(page);
  });

  it.each([
    ['first', { first: 0 }],
    ['last', { last: 0 }],
    ['last', { first: 1, last: 1 }],
    ['before', { before: '%%%' }],
  ])('names the argument %s when it is invalid', (argument, args) => {
    expect(() => readPage(args, BY_NAME)).toThrow(new RegExp(`^${argument}\\b`));
  });

  it('asks for one row more than the page, in the list’s order', () => {
    expect(readPage({ first: 2 }, BY_NAME).query).toEqual({
      where: {},
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      take: 3,
    });
  });

  it('inverts the order for last or reverse, but not for both', () => {
    expect(readPage({ last: 2 }, BY_NAME).query.orderBy[0]).toEqual({ name: 'desc' });
    expect(readPage({ first: 2 }, { ...BY_NAME, reverse: true }).query.orderBy[0]).toEqual({ name: 'desc' });
    expect(readPage({ last: 2 }, { ...BY_NAME, reverse: true }).query.orderBy[0]).toEqual({ name: 'asc' });
  });

  it('continues after the last row of the previous page, with the id as the tie-breaker', () => {
    const { pageInfo } = toConnection(rows.slice(0, 3), readPage({ first: 2 }, BY_NAME), count);
    expect(readPage({ first: 2, after: pageInfo.endCursor }, BY_NAME).query.where).toEqual({
      AND: [{ name: { gte: 'b' }, OR: [{ name: { gt: 'b' } }, { id: { gt: 'id_b' } }] }],
    });
  });
});

describe('toConnection', () => {
  it('has a next page only when the extra row was found', () => {
    const page = readPage({ first: 2 }, BY_NAME);
    expect(toConnection(rows.slice(0, 3), page, count).pageInfo.hasNextPage).toBe(true);
    expect(toConnection(rows.slice(0, 2), page, count).pageInfo.hasNextPage).toBe(false);
  });

  it('shows a last page in the list’s order', () => {
    const page = readPage({ last: 2 }, BY_NAME);
    const { nodes, pageInfo } = toConnection([rows[4], rows[3], rows[2]] as typeof rows, page, count);
    expect(nodes.map(({ name }) => name)).toEqual(['d', 'e']);
    expect(pageInfo.hasPreviousPage).toBe(true);
  });

  const cursor = toConnection(rows, readPage({}, BY_NAME), count).edges[0]?.cursor ?? '';

  it.each([
    ['forwards, the first', { first: 5 }, { hasNextPage: false, hasPreviousPage: false }],
    ['forwards, behind a cursor', { first: 5, after: cursor }, { hasNextPage: false, hasPreviousPage: true }],
    ['backwards, the last', { last: 5 }, { hasNextPage: false, hasPreviousPage: false }],
    ['backwards, in front of a cursor', { last: 5, before: cursor }, { hasNextPage: true, hasPreviousPage: false }],
    ['backwards, with more in front of it', { last: 4 }, { hasNextPage: false, hasPreviousPage: true }],
  ])('tells whether there are pages before and after %s', (_page, args, expected) => {
    expect(toConnection([...rows], readPage(args, BY_NAME), count).pageInfo).toMatchObject(expected);
  });

  it('has cursors of the first row and the last, and of each edge', () => {
    const { edges, pageInfo, nodes } = toConnection(rows.slice(0, 2), readPage({ first: 2 }, BY_NAME), count);
    expect(edges.map(({ node }) => node)).toEqual(nodes);
    expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual(edges.map((edge) => edge.cursor));
    expect(edges[0]?.cursor).toBe(Buffer.from('["NAME","a","id_a"]').toString('base64url'));
  });

  it.each<[SortOrder['kind'], unknown]>([
    ['text', 'a'],
    ['number', 12],
    ['bigint', 12n],
    ['date', new Date('2026-11-24T09:30:00.000Z')],
  ])('writes the cursor of a %s so that readPage reads the same value', (kind, value) => {
    const order: SortOrder = { key: 'KEY', column: 'value', kind, reverse: false };
    const { pageInfo } = toConnection([{ id: 'id', value }], readPage({}, order), count);
    expect(readPage({ after: pageInfo.endCursor }, order).bounds).toEqual([{ side: 'gt', value, id: 'id' }]);
  });

  it('returns no more rows than the page allows, however many it is given', () => {
    expect(toConnection(rows, readPage({ first: 2 }, BY_NAME), count).nodes).toEqual(rows.slice(0, 2));
    expect(toConnection(rows, readPage({ last: 2 }, BY_NAME), count).nodes).toEqual([rows[1], rows[0]]);
  });

  it('counts only on request', async () => {
    const counted = jest.fn(count);
    const connection = toConnection(rows, readPage({}, BY_NAME), counted);
    expect(counted).not.toHaveBeenCalled();
    expect(await connection.totalCount()).toBe(5);
  });

  it('has null cursors for an empty page', () => {
    expect(toConnection([], readPage({}, BY_NAME), count).pageInfo).toMatchObject({
      startCursor: null,
      endCursor: null,
    });
  });
});

describe('connectionOf', () => {
  const names = (args: Parameters<typeof connectionOf>[1]) =>
    connectionOf(rows, args, BY_NAME).nodes.map(({ name }) => name);
  const cursor = (index: number) => connectionOf(rows, {}, BY_NAME).edges[index]?.cursor ?? '';

  it('pages through rows in memory, forwards and backwards', () => {
    expect(names({ first: 2 })).toEqual(['a', 'b']);
    expect(names({ first: 2, after: cursor(1) })).toEqual(['c', 'd']);
    expect(names({ last: 2 })).toEqual(['d', 'e']);
    expect(names({ last: 2, before: cursor(3) })).toEqual(['b', 'c']);
    expect(names({ after: cursor(0), before: cursor(3) })).toEqual(['b', 'c']);
  });

  it('tells whether there are pages before and after, and counts all rows', async () => {
    const connection = connectionOf(rows, { first: 2 }, BY_NAME);
    expect(connection.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(connectionOf(rows, { last: 2 }, BY_NAME).pageInfo).toMatchObject({
      hasNextPage: false,
      hasPreviousPage: true,
    });
    expect(connectionOf(rows, { first: 5 }, BY_NAME).pageInfo.hasNextPage).toBe(false);
    expect(await connection.totalCount()).toBe(5);
  });

  it('refuses a cursor of a row that is not in the list', () => {
    const gone = Buffer.from('["NAME","z","id_z"]').toString('base64url');
    expect(() => names({ after: gone })).toThrow(/^after.*a cursor of this list/);
    expect(() => names({ before: gone })).toThrow(/^before.*a cursor of this list/);
  });
});
