import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLSchema } from 'graphql';
import { rules as orderRules } from '../../order/rules';
import { rules as productRules } from '../../product/rules';
import { rules as tenantRules } from '../../tenant/rules';
import type { AccessRules } from '../guards';
import { readSchema } from '../schemaFiles';

const SUBGRAPHS: [string, AccessRules][] = [
  ['tenant', tenantRules],
  ['product', productRules],
  ['order', orderRules],
];

function schemaOf(subgraph: string): GraphQLSchema {
  return buildSubgraphSchema(readSchema(join(__dirname, '..', '..', subgraph)));
}

const fieldsOf = (schema: GraphQLSchema, type: 'Query' | 'Mutation') => {
  const object = type === 'Query' ? schema.getQueryType() : schema.getMutationType();
  return Object.keys(object?.getFields() ?? {}).filter((name) => !name.startsWith('_'));
};

/** Entities that this subgraph resolves: those with a key, unless it says that it does not. */
function entitiesOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter(({ astNode }) =>
      astNode?.directives?.some(
        ({ name, arguments: args = [] }) =>
          name.value === 'key' &&
          !args.some(({ name: arg, value }) => arg.value === 'resolvable' && 'value' in value && value.value === false),
      ),
    )
    .map(({ name }) => name);
}

describe.each(SUBGRAPHS)('the rules of the %s subgraph', (subgraph, rules) => {
  const schema = schemaOf(subgraph);

  it('name every query, every mutation and every entity, and nothing that does not exist', () => {
    expect(Object.keys(rules.Query).sort()).toEqual(fieldsOf(schema, 'Query').sort());
    expect(Object.keys(rules.Mutation).sort()).toEqual(fieldsOf(schema, 'Mutation').sort());
    expect(Object.keys(rules.entities).sort()).toEqual(entitiesOf(schema).sort());
  });

  it('name only mutations that exist where they say when one may be sent', () => {
    const named = [...rules.whileSuspended, ...rules.notWhileImpersonated];
    expect(Object.keys(rules.Mutation)).toEqual(expect.arrayContaining(named));
  });

  it('guard only fields that exist', () => {
    for (const [type, fields] of Object.entries(rules.fields)) {
      const object = schema.getType(type);
      const existing = object && 'getFields' in object ? Object.keys(object.getFields()) : [];
      expect(existing).toEqual(expect.arrayContaining(Object.keys(fields)));
    }
  });
});
