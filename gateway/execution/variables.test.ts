import { buildSchema, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import { variableFaults } from './variables';

const schema = buildSchema(`
  type Query {
    list(first: Int, reverse: Boolean! = false, sort: Sort! = NAME, where: Where): Int
    one(id: ID!): One
  }
  type One { page(size: Int! = 20): Int }
  enum Sort { NAME DATE }
  input Where { hidden: Boolean! = false tags: [String!] name: String within: Where }`);

function faultsOf(query: string, variables: Record<string, unknown>): { message: string; field?: unknown }[] {
  const document = parse(query);
  expect(validate(schema, document, specifiedRules)).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  return variableFaults({ schema, document, operation, variables }).map(({ message, extensions }) => {
    expect(extensions.code).toBe('BAD_USER_INPUT');
    return { message, ...(extensions.field !== undefined && { field: extensions.field }) };
  });
}

describe('a variable that is null', () => {
  it.each([
    ['an argument with a default', 'query ($v: Boolean) { list(reverse: $v) }', 'reverse'],
    ['an enum with a default', 'query ($v: Sort) { list(sort: $v) }', 'sort'],
    ['an input field with a default', 'query ($v: Boolean) { list(where: { within: { hidden: $v } }) }', 'hidden'],
    ['an item of a list', 'query ($v: String = "x") { list(where: { tags: ["a", $v] }) }', 'tags'],
    ['an argument without one, of a variable with one', 'query ($v: ID = "x") { one(id: $v) { page } }', 'id'],
    ['an argument below', 'query ($v: Int) { one(id: "x") { page(size: $v) } }', 'size'],
    [
      'an argument in a fragment of a fragment',
      'query ($v: Int) { ...A } fragment A on Query { one(id: "x") { ...B } } fragment B on One { page(size: $v) }',
      'size',
    ],
    ['the condition of @include', 'query ($v: Boolean = true) { list @include(if: $v) }', 'if'],
  ])('is refused for %s, which is named', (_what, query, field) => {
    expect(faultsOf(query, { v: null })).toEqual([{ message: expect.stringContaining(`${field}: expected`), field }]);
  });

  it('is refused where null is its own default', () => {
    expect(faultsOf('query ($v: Boolean = null) { list(reverse: $v) }', {})).toHaveLength(1);
  });

  it.each([
    ['an argument that may be null', 'query ($v: Int) { list(first: $v) }'],
    ['an input field that may be null', 'query ($v: String) { list(where: { name: $v }) }'],
    ['a field that is left out', 'query ($v: Boolean) { one(id: "x") { page } list(reverse: $v) @skip(if: true) }'],
    [
      'a fragment that is left out',
      'query ($v: Boolean, $yes: Boolean = true) { one(id: "x") { page } ...A @skip(if: $yes) } fragment A on Query { list(reverse: $v) }',
    ],
  ])('passes for %s', (_what, query) => {
    expect(faultsOf(query, { v: null })).toEqual([]);
  });

  it('is not the same as one that is left out, which takes the default', () => {
    expect(faultsOf('query ($v: Boolean) { list(reverse: $v) }', {})).toEqual([]);
  });
});

describe('a text in a variable', () => {
  it.each([
    ['half of a surrogate pair', 'k\ud800'],
    ['the other half', '\udc00k'],
    ['NUL', 'a\0b'],
  ])('is refused with %s, at its place', (_what, text) => {
    const query = 'query ($where: Where) { list(where: $where) }';
    const [fault] = faultsOf(query, { where: { within: { tags: ['ok', text] } } });
    expect(fault).toEqual({
      message: 'where.within.tags.1: expected well-formed Unicode without NUL.',
      field: 'where.within.tags.1',
    });
  });

  it('passes with what is beyond the Basic Multilingual Plane, and with other control characters', () => {
    expect(faultsOf('query ($where: Where) { list(where: $where) }', { where: { name: '👟\t\r\n' } })).toEqual([]);
  });

  it('is found however deep it is nested, without a stack overflow', () => {
    const depth = 100_000;
    const nested = JSON.parse(`${'['.repeat(depth)}"\\ud800"${']'.repeat(depth)}`);
    expect(faultsOf('query ($where: Where) { list(where: $where) }', { where: nested })).toHaveLength(1);
  });
});

it('a list of many wrong values is answered with the first of them', () => {
  const tags = Array.from({ length: 10_000 }, () => 1);
  const faults = faultsOf('query ($where: Where) { list(where: $where) }', { where: { tags } });
  expect(faults.length).toBeLessThan(30);
  expect(faults[0]?.message).toContain('at "where.tags[0]"');
});
