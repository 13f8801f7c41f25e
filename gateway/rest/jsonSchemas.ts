import {
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import { fieldsOf, isById, isConnection, objectOf } from './selection';

export type JsonSchema = Record<string, unknown>;

const SCALARS: Readonly<Record<string, JsonSchema>> = {
  ID: { type: 'string' },
  String: { type: 'string' },
  Int: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
  Float: { type: 'number' },
  Boolean: { type: 'boolean' },
  DateTime: { type: 'string', format: 'date-time' },
  Decimal: { type: 'string', pattern: '^-?\\d{1,15}(\\.\\d{1,9})?$' },
  CurrencyCode: { type: 'string', pattern: '^[A-Z]{3}$' },
};

export const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const described = (description: string | null | undefined) => (description ? { description } : {});
const orNull = (schema: JsonSchema): JsonSchema =>
  typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : { anyOf: [schema, { type: 'null' }] };

/** A list with cursors, as routes answer it. */
export const listOf = (item: JsonSchema): JsonSchema => ({
  type: 'object',
  required: ['data', 'hasMore', 'next'],
  properties: {
    data: { type: 'array', items: item },
    hasMore: { type: 'boolean' },
    next: { type: ['string', 'null'], description: 'Send it as `after` for the next page; null after the last one.' },
  },
});

/** The schemas of the graph's types as REST has them, each made when it is first referred to. */
export class JsonSchemas {
  readonly #made = new Map<string, JsonSchema>();

  /** By name, sorted. */
  get all(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#made].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Of a value in an answer. */
  output(type: GraphQLOutputType): JsonSchema {
    const bare = getNullableType(type);
    const schema = isListType(bare) ? { type: 'array', items: this.output(bare.ofType) } : this.#named(bare);
    return isNonNullType(type) ? schema : orNull(schema);
  }

  /** Of a value in a request. @param isNullable false in an address, where there is no null. */
  input(type: GraphQLInputType, isNullable = true): JsonSchema {
    const bare = getNullableType(type);
    const schema = isListType(bare)
      ? { type: 'array', items: this.input(bare.ofType, isNullable) }
      : isInputObjectType(bare)
        ? this.#once(bare.name, () => this.#inputObject(bare))
        : this.#leaf(bare);
    return isNonNullType(type) || !isNullable ? schema : orNull(schema);
  }

  inputField({
    type,
    description,
    defaultValue,
  }: Pick<GraphQLInputField, 'type' | 'description' | 'defaultValue'>): JsonSchema {
    const schema = this.input(type);
    const isPlain = defaultValue !== undefined && (typeof defaultValue !== 'object' || defaultValue === null);
    return { ...schema, ...described(description), ...(isPlain && { default: defaultValue }) };
  }

  object(type: GraphQLObjectType): JsonSchema {
    return this.#once(type.name, () => {
      const { always, expanded } = fieldsOf(type);
      const properties = [...always, ...expanded].map((field) => {
        const inside = objectOf(field);
        const schema = isById(type, field)
          ? { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
          : isConnection(field) && inside
            ? listOf(this.object(inside))
            : this.output(field.type);
        const whole = isConnection(field) && !isNonNullType(field.type) ? orNull(schema) : schema;
        return [field.name, { ...whole, ...described(field.description) }];
      });
      return {
        type: 'object',
        ...described(type.description),
        required: always.map(({ name }) => name),
        properties: Object.fromEntries(properties),
      };
    });
  }

  #inputObject(type: GraphQLInputObjectType): JsonSchema {
    const fields = Object.values(type.getFields());
    const required = fields.filter(isRequiredInputField).map(({ name }) => name);
    return {
      type: 'object',
      ...described(type.description),
      ...(required.length > 0 && { required }),
      properties: Object.fromEntries(fields.map((field) => [field.name, this.inputField(field)])),
      additionalProperties: false,
    };
  }

  #named(type: GraphQLOutputType): JsonSchema {
    const object = objectOf({ type });
    return object ? this.object(object) : this.#leaf(type as GraphQLLeafType);
  }

  #leaf(type: GraphQLLeafType): JsonSchema {
    if (!isEnumType(type)) return SCALARS[type.name] ?? {};
    return this.#once(type.name, () => ({
      type: 'string',
      ...described(type.description),
      enum: type.getValues().map(({ name }) => name),
    }));
  }

  #once(name: string, make: () => JsonSchema): JsonSchema {
    if (!this.#made.has(name)) {
      this.#made.set(name, {});
      this.#made.set(name, make());
    }
    return refTo(name);
  }
}
