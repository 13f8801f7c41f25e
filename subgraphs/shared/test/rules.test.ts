import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLField, type GraphQLSchema, isNonNullType, isObjectType } from 'graphql';
import { rules as orderRules } from '../../order/rules';
import { rules as productRules } from '../../product/rules';
import { rules as tenantRules } from '../../tenant/rules';
import type { Caller } from '../caller';
import type { AccessRules, Guard } from '../guards';
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

  it('leave the rest of an answer: what a caller may be refused can be null itself', () => {
    const roots = { Query: rules.Query, Mutation: rules.Mutation };
    const fields = [...Object.entries(roots), ...Object.entries(rules.fields)];
    const named = fields.flatMap(([type, guards]) =>
      Object.entries(guards)
        .filter(([, guard]) => mayRefuse(guard))
        .map(([field]) => `${type}.${field}`),
    );
    const ofEntities = Object.entries(rules.entities)
      .filter(([type, guard]) => mayRefuse(guard) && hasFieldsElsewhere(subgraph, type))
      .flatMap(([type]) => shownFields(schema, type).map(({ name }) => `${type}.${name}`))
      .filter((name) => !name.endsWith('.id'));
    const nonNull = new Set(
      Object.keys(schema.getTypeMap()).flatMap((type) =>
        shownFields(schema, type).flatMap(({ name, type: of }) => (isNonNullType(of) ? [`${type}.${name}`] : [])),
      ),
    );
    expect(named.length).toBeGreaterThan(10);
    expect([...named, ...ofEntities].filter((field) => nonNull.has(field))).toEqual([]);
  });
});

/** Whether a caller's role decides: a visitor is the one with the least. */
const mayRefuse = (guard: Guard) => guard(VISITOR) !== true;
const VISITOR: Caller = {
  tenantId: 'org_a',
  userId: null,
  impersonatorId: null,
  role: 'VISITOR',
  permissions: [],
  storeStatus: 'ACTIVE',
  requestId: 'r',
  clientAddress: null,
};

/** Whether another subgraph answers with more of an entity than its key, which is to be left when this one refuses. */
const hasFieldsElsewhere = (subgraph: string, type: string) =>
  SUBGRAPHS.some(
    ([other]) => other !== subgraph && shownFields(schemaOf(other), type).some(({ name }) => name !== 'id'),
  );

/** Fields that clients see. What only services ask for is asked alone. */
function shownFields(schema: GraphQLSchema, type: string): GraphQLField<unknown, unknown>[] {
  const object = schema.getType(type);
  const fields = isObjectType(object) ? Object.values(object.getFields()) : [];
  return fields.filter(({ astNode }) => !astNode?.directives?.some(({ name }) => name.value === 'inaccessible'));
}
