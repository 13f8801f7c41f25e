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

  it('asks for one row more than the page, in the list’s order', () => {
    expect(readPage({ first: 2 }, BY_NAME).query).toEqual({
      where: {},
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      take: 3,
    });
  });

  it('turns the order round for last, and for reverse, and not for both', () => {
    expect(readPage({ last: 2 }, BY_NAME).query.orderBy[0]).toEqual({ name: 'desc' });
    expect(readPage({ first: 2 }, { ...BY_NAME, reverse: true }).query.orderBy[0]).toEqual({ name: 'desc' });
    expect(readPage({ last: 2 }, { ...BY_NAME, reverse: true }).query.orderBy[0]).toEqual({ name: 'asc' });
  });

  it('goes on behind the last row of the page before, with the id to break ties', () => {
    const { pageInfo } = toConnection(rows.slice(0, 3), readPage({ first: 2 }, BY_NAME), count);
    expect(readPage({ first: 2, after: pageInfo.endCursor }, BY_NAME).query.where).toEqual({
      AND: [{ name: { gte: 'b' }, OR: [{ name: { gt: 'b' } }, { id: { gt: 'id_b' } }] }],
    });
  });
});

describe('toConnection', () => {
  it('says that there is a next page only when the extra row came', () => {
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

  it('pages through rows that are all here, forwards and backwards', () => {
    expect(names({ first: 2 })).toEqual(['a', 'b']);
    expect(names({ first: 2, after: cursor(1) })).toEqual(['c', 'd']);
    expect(names({ last: 2 })).toEqual(['d', 'e']);
    expect(names({ last: 2, before: cursor(3) })).toEqual(['b', 'c']);
  });
});
