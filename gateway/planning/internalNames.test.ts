import { Kind, parse } from 'graphql';
import { withInternalNames } from './internalNames';

function internal(source: string, requiredFields: string[] = []) {
  const document = parse(source);
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('No operation');
  const { text, ...names } = withInternalNames(document, operation, new Set(requiredFields));
  return { text: text.replace(/\s+/g, ' '), ...names };
}

describe('the names that an operation is planned with', () => {
  it.each([
    ['an alias becomes a name of ours', '{ id: slug }', '{ _0: slug }'],
    ['a field’s own name stays', '{ id slug: slug }', '{ id slug }'],
    ['the same alias becomes the same name', '{ a: x { b: y } c: x { b: z } }', '{ _0: x { _1: y } _2: x { _1: z } }'],
    ['an alias like ours meets none', '{ a: x _0: y }', '{ _0: x _1: y }'],
    ['the operation’s name is left out', 'query Q { a }', '{ a }'],
    [
      'fragments that only another operation spreads are left out',
      '{ ...A } fragment A on T { a } fragment B on T { b }',
      '{ ...A } fragment A on T { a }',
    ],
    [
      'an object of which all fields may be skipped is asked for all the same',
      'query ($a: Boolean!) { x { y @skip(if: true) ... @include(if: $a) { z } } v @skip(if: $a) }',
      'query ($a: Boolean!) { x { __typename ... @include(if: $a) { z } } v @skip(if: $a) }',
    ],
    [
      'what is always left out is not planned, also in a part that may be left out',
      'query ($a: Boolean!) { ... @skip(if: $a) { x ... @skip(if: true) { y ...F } } z @include(if: false) } fragment F on T { b }',
      'query ($a: Boolean!) { ... @skip(if: $a) { x } }',
    ],
    [
      'a condition that always holds is none',
      'query ($a: Boolean!) { x @skip(if: false) ... @include(if: true) @skip(if: $a) { y } }',
      'query ($a: Boolean!) { x ... @skip(if: $a) { y } }',
    ],
    [
      'an operation of which nothing is left is planned as one that asks for nothing',
      '{ x @skip(if: true) }',
      '{ __typename }',
    ],
    [
      'a variable like the planner’s gets another name',
      'query ($representations: Int, $_representations: Int) { a(b: $representations, c: $_representations) }',
      'query ($__representations: Int, $_representations: Int) { a(b: $__representations, c: $_representations) }',
    ],
  ])('%s', (_title, source, text) => {
    expect(internal(source).text).toBe(text);
  });

  it('operations that differ in their aliases alone are planned once', () => {
    expect(internal('query A { x: slug y: name }').text).toBe(internal('query B { other: slug names: name }').text);
  });

  it('a field that a subgraph requires with arguments is kept apart from the client’s', () => {
    expect(internal('{ price(currency: EUR) }', ['price']).text).toBe('{ _0: price(currency: EUR) }');
  });

  it('paths of errors are told in the client’s names, and variables go by the plan’s', () => {
    const { responseNameOf, variables } = internal('query ($representations: Int) { id: slug(x: $representations) }');
    expect([responseNameOf('_0'), responseNameOf('name')]).toEqual(['id', 'name']);
    expect(variables({ representations: 1, other: 2 })).toEqual({ _representations: 1, other: 2 });
  });
});
