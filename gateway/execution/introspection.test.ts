import { getOperationAST, parse, print } from 'graphql';
import { splitIntrospection } from './introspection';

function split(query: string, variables: Record<string, unknown> = {}) {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  const { introspection, data, namesFor } = splitIntrospection(document, operation);
  const written = (part: typeof data) => part && print(part).replace(/\s+/g, ' ');
  return { introspection: written(introspection), data: written(data), names: namesFor(variables) };
}

describe('splitIntrospection', () => {
  it('leaves an operation without introspection as it is', () => {
    expect(split('{ products { __typename id } }')).toEqual({
      introspection: null,
      data: '{ products { __typename id } }',
      names: ['products'],
    });
  });

  it('leaves nothing for the subgraphs of one with nothing else, whatever its fragments are on', () => {
    const query =
      '{ __schema { types { ...T } } ...Root } fragment T on __Type { name } fragment Root on Query { __typename }';
    const { data, introspection } = split(query);
    expect(data).toBeNull();
    expect(introspection).toContain('fragment T on __Type');
  });

  it('divides the root fields, also under aliases, in fragments and under conditions', () => {
    const query = `query ($n: String!, $yes: Boolean!) {
      a: products { id }
      ... @include(if: $yes) { b: __type(name: $n) { ...T } c: orders { id } }
      ...Root @skip(if: $yes)
    }
    fragment T on __Type { name }
    fragment Root on Query { d: __typename ...Data }
    fragment Data on Query { e: products { ...P } }
    fragment P on Products { id }`;
    const { introspection, data, names } = split(query, { n: 'T', yes: true });
    expect(introspection).toBe(
      'query ($n: String!, $yes: Boolean!) { ... @include(if: $yes) { b: __type(name: $n) { ...T } } ...Root @skip(if: $yes) } ' +
        'fragment Root on Query { d: __typename } fragment T on __Type { name }',
    );
    expect(data).toBe(
      'query ($n: String!, $yes: Boolean!) { a: products { id } ... @include(if: $yes) { c: orders { id } } ...Root @skip(if: $yes) } ' +
        'fragment Data on Query { e: products { ...P } } fragment Root on Query { ...Data } fragment P on Products { id }',
    );
    expect(names).toEqual(['a', 'b', 'c']);
    expect(split(query, { n: 'T', yes: false }).names).toEqual(['a', 'd', 'e']);
  });

  it('orders the fields of a fragment by where it is first spread without being skipped', () => {
    const query =
      '{ ... @skip(if: true) { ...Root } __typename ...Root } fragment Root on Query { _1: __typename products }';
    expect(split(query).names).toEqual(['__typename', '_1', 'products']);
  });

  it('takes no longer for fragments that spread each other twice', () => {
    const fragments = Array.from({ length: 200 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`);
    const { data, names } = split(`{ ...F0 } ${fragments.join(' ')} fragment F200 on Query { __typename products }`);
    expect(names).toEqual(['__typename', 'products']);
    expect(data).toContain('fragment F200 on Query { products }');
  });
});
