import { buildSchema } from 'graphql';
import { operationFaults } from './docOperations';

const schema = buildSchema('type Query { product(slug: String!): Product } type Product { name: String }');
const faultsIn = (...lines: string[]) => operationFaults(lines.join('\n'), schema);

describe('an operation that a document sends', () => {
  it.each([
    [
      'asks for a field that is not there',
      `curl -d '{"query":"{ product(slug: \\"a\\") { title } }"}'`,
      'Cannot query field "title"',
    ],
    [
      'is written in double quotes',
      String.raw`ask "$ADMIN" "{\"query\":\"{ product(slug: \\\"$S\\\") { title } }\"}"`,
      'Cannot query field "title"',
    ],
    ['leaves out an argument', `ask "$A" '{"query":"{ product { name } }"}'`, 'argument "slug"'],
    ['is no GraphQL', `ask "$A" '{"query":"{ product("}'`, 'Syntax Error'],
    ['is no JSON', `ask "$A" '{"query":"{ product(slug: "a") }"}'`, 'JSON'],
  ])('and that %s is refused, with its line', (_title, command, fault) => {
    expect(faultsIn('# Products', command)).toEqual([expect.stringMatching(/^line 2: /)]);
    expect(faultsIn(command)[0]).toContain(fault);
  });

  it('may have what the shell puts in, and several may stand in a line', () => {
    const right = String.raw`ask "$A" "{\"query\":\"{ product(slug: \\\"$S\\\") { name } }\"}"; ask "$A" '{"query":"{ product(slug: \"a\") { name } }"}'`;
    const substituted = String.raw`ask "$A" "{\"query\":\"{ product(slug: \\\"$(echo "$S" | head -n 1)\\\") { name } }\"}"`;
    expect(faultsIn(right, substituted)).toEqual([]);
    expect(faultsIn(substituted.replace('name', 'title'))).toHaveLength(1);
  });
});
