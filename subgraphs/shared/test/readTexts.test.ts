import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  graphql,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { KEPT_TEXTS, readTexts } from '../readTexts';
import { readSchema } from '../schemaFiles';

/** As people send it: decomposed, and with white space around it. */
const TYPED = ' e\u0301\n';
const CLEAN = 'é';

/** A schema whose resolver of `field` answers with the arguments that it gets. */
function echoing(sdl: string) {
  const schema = buildSchema(sdl);
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) field.resolve = (_root, args) => JSON.stringify(args);
  }
  return readTexts(schema);
}
const ask = async (schema: GraphQLSchema, source: string, variableValues?: Record<string, unknown>) =>
  graphql({ schema, source, variableValues });

const SDL = `
  input Deep { text: String, texts: [String!], deeper: Deep, id: ID, value: String }
  input MetafieldInput { value: String! }
  type UserError { field: [String!]!, message: String!, code: Code! }
  enum Code { REQUIRED INVALID }
  type Payload { done: Boolean, userErrors: [UserError!]! }
  type Query { find(text: String, required: String = "x", id: ID, deep: Deep, metafield: MetafieldInput): String }
  type Mutation { change(text: String!, idempotencyKey: String, deep: Deep): Payload }`;

describe('the texts of arguments', () => {
  const schema = echoing(SDL);
  const found = async (args: string, variables?: Record<string, unknown>) => {
    const { data, errors } = await ask(
      schema,
      `query${variables ? ' ($deep: Deep)' : ''} { find(${args}) }`,
      variables,
    );
    if (errors) throw errors[0];
    return JSON.parse(String(data?.find));
  };

  it('are BAD_USER_INPUT in a query, and user errors in a mutation, when they have control characters', async () => {
    const { errors } = await ask(schema, '{ find(text: "a\\u0000") }');
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'text' } });
    const variables = { deep: { deeper: { texts: ['a', '\b'] } } };
    await expect(found('deep: $deep', variables)).rejects.toMatchObject({
      extensions: { field: 'deep.deeper.texts.1' },
    });
    const change =
      'mutation { change(text: "\\u0007", deep: { text: "a\\u0000" }) { done userErrors { field code } } }';
    expect(await ask(schema, change)).toEqual({
      data: {
        change: {
          done: null,
          userErrors: [
            { field: ['text'], code: 'INVALID' },
            { field: ['deep', 'text'], code: 'INVALID' },
          ],
        },
      },
    });
  });

  it('are clean, however deep they are, and what is left out stays out', async () => {
    const deep = { text: TYPED, texts: [TYPED, 'b'], deeper: { text: TYPED } };
    expect(await found('deep: $deep', { deep })).toEqual({
      required: 'x',
      deep: { text: CLEAN, texts: [CLEAN, 'b'], deeper: { text: CLEAN } },
    });
    expect(deep.text).toBe(TYPED);
  });

  it('are null when they are empty, but within a list', async () => {
    expect(await found('text: " ", deep: { text: "", texts: ["", " "] }')).toEqual({
      required: 'x',
      text: null,
      deep: { text: null, texts: ['', ''] },
    });
  });

  it('stay as they are where something tells them apart by more than people see', async () => {
    expect(await found(`metafield: { value: " {} " }`)).toEqual({ required: 'x', metafield: { value: ' {} ' } });
  });
});

describe.each(['tenant', 'product', 'order'])('each text that the %s subgraph takes', (name) => {
  const schema = buildSubgraphSchema({ typeDefs: readSchema(join(__dirname, '..', '..', name)) });
  const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('_')
      ? Object.values(type.getFields()).flatMap((field) =>
          field.args.length > 0 && !field.name.startsWith('_') ? [{ at: `${type.name}.${field.name}`, field }] : [],
        )
      : [],
  );
  const received = new Map<string, unknown>();
  for (const { at, field } of fields) {
    field.resolve = (_root, args) => {
      received.set(at, args);
    };
  }
  readTexts(schema);

  it.each(fields)('in $at is read, or is one of those that are kept', ({ at, field }) => {
    // The resolvers of this test look at their arguments alone.
    const typed = argumentsOf(field, () => TYPED);
    field.resolve?.(null, typed, null, {} as GraphQLResolveInfo);
    expect(received.get(at)).toEqual(argumentsOf(field, (owner, called) => (isKept(owner, called) ? TYPED : CLEAN)));
  });
});

const isKept = (owner: string, name: string) => name in KEPT_TEXTS || `${owner}.${name}` in KEPT_TEXTS;

/** The text of an input's field, or of an argument, which has no owner. */
type TextOf = (owner: string, name: string) => string;

/** Arguments with a text wherever there can be one, three objects deep. */
const argumentsOf = ({ args }: GraphQLField<unknown, unknown>, textOf: TextOf) =>
  Object.fromEntries(args.map(({ name, type }) => [name, textsOfType(type, textOf('', name), textOf, 3)]));

function textsOfType(type: GraphQLInputType, text: string, textOf: TextOf, depth: number): unknown {
  if (isNonNullType(type)) return textsOfType(type.ofType, text, textOf, depth);
  if (isListType(type)) return [textsOfType(type.ofType, text, textOf, depth)];
  if (!isInputObjectType(type)) return type.name === 'String' ? text : null;
  if (depth === 0) return null;
  const fields = Object.values(type.getFields());
  return Object.fromEntries(
    fields.map(({ name, type: inner }) => [name, textsOfType(inner, textOf(type.name, name), textOf, depth - 1)]),
  );
}
