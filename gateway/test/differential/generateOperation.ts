import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  parse,
  validate,
} from 'graphql';
import type { Names } from '../isolation/argumentsOf';
import type { Random } from './random';

export interface GeneratedOperation {
  query: string;
  variables: Record<string, unknown>;
}

const isPageSize = (name: string) => name === 'first' || name === 'last';

type FieldsType = GraphQLObjectType | GraphQLInterfaceType;
type Argument = GraphQLArgument | GraphQLInputField;

/** Names that the planner, its answers or JavaScript have a use for. */
const MEETING = [
  'id',
  '__typename',
  '_0',
  '_1',
  'representations',
  'name',
  'node',
  'nodes',
  '__proto__',
  'constructor',
];
const MAX_FIELDS = 30;
const MAX_DEPTH = 6;
const TRIES = 50;

/** Mutations that change nothing when their input is empty. Others can't be compared: whoever runs second finds what the first has changed. */
const UPDATE = /^(tenant|tenantSettings)Update$/;

/** A valid operation of the schema, with all that a document can have. @param names what a store's things are called. */
export function generateOperation(random: Random, schema: GraphQLSchema, names: Names): GeneratedOperation {
  for (let tries = 0; tries < TRIES; tries++) {
    const made = new OperationWriter(random, schema, names).write();
    // Two fields of one name that differ are the one fault that is made now and then.
    if (validate(schema, parse(made.query)).length === 0) return made;
  }
  throw new Error(`${TRIES} operations were not valid: mend the generator`);
}

class OperationWriter {
  readonly #fragments: { name: string; on: string; text: string }[] = [];
  readonly #declared: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  #fieldsLeft = MAX_FIELDS;

  constructor(
    private readonly random: Random,
    private readonly schema: GraphQLSchema,
    private readonly names: Names,
  ) {}

  write(): GeneratedOperation {
    const isMutation = this.random.chance(0.1);
    const root = isMutation ? this.schema.getMutationType() : this.schema.getQueryType();
    if (!root) throw new Error('The schema has no such operations');
    const selection = this.#selection(root, MAX_DEPTH);
    const declared = this.#declared.length > 0 ? `(${this.#declared.join(', ')})` : '';
    const fragments = this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`);
    const isSaid = isMutation || declared !== '' || this.random.chance(0.5);
    const head = isSaid ? `${isMutation ? 'mutation' : 'query'} ${this.random.chance(0.5) ? 'Q' : ''}${declared} ` : '';
    return { query: [`${head}${selection}`, ...fragments].join('\n'), variables: this.#variables };
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    const entries = Array.from({ length: 1 + this.random.int(5) }, () => this.#entry(type, depth));
    const written = entries.filter((entry) => entry !== '');
    return `{ ${written.length > 0 ? written.join(' ') : '__typename'} }`;
  }

  #entry(type: GraphQLNamedType, depth: number): string {
    if (this.random.chance(0.12) && depth > 1) return this.#inlineFragment(type, depth);
    if (this.random.chance(0.1) && depth > 1) return this.#spread(type, depth);
    if (this.random.chance(0.1) || isUnionType(type))
      return `${this.#alias(type, '__typename')}__typename${this.#directive()}`;
    return this.#field(type as FieldsType, depth);
  }

  #inlineFragment(type: GraphQLNamedType, depth: number): string {
    const on = this.#narrower(type);
    const condition = this.random.chance(0.8) || on !== type ? ` on ${on.name}` : '';
    return `...${condition}${this.#directive()} ${this.#selection(on, depth - 1)}`;
  }

  #spread(type: GraphQLNamedType, depth: number): string {
    const again = this.#fragments.filter(({ on }) => on === type.name);
    if (again.length > 0 && this.random.chance(0.6)) return `...${this.random.pick(again).name}${this.#directive()}`;
    const on = this.#narrower(type);
    const text = this.#selection(on, depth - 1);
    const name = `F${this.#fragments.length}`;
    this.#fragments.push({ name, on: on.name, text });
    return `...${name}${this.#directive()}`;
  }

  #narrower(type: GraphQLNamedType): GraphQLNamedType {
    if (isAbstractType(type) && this.random.chance(0.7)) return this.random.pick(this.schema.getPossibleTypes(type));
    if (isObjectType(type) && type.getInterfaces().length > 0 && this.random.chance(0.3))
      return this.random.pick(type.getInterfaces());
    return type;
  }

  #field(type: FieldsType, depth: number): string {
    const isRoot = type === this.schema.getMutationType();
    const possible = Object.values(type.getFields()).filter((field) => !isRoot || UPDATE.test(field.name));
    const fields = possible.filter(
      (field) => !isCompositeType(getNamedType(field.type)) || (depth > 0 && this.#fieldsLeft > 0),
    );
    if (fields.length === 0) return '';
    const field = this.random.pick(fields);
    this.#fieldsLeft -= 1;
    const below = getNamedType(field.type);
    const selection = isCompositeType(below) ? ` ${this.#selection(below, depth - 1)}` : '';
    return `${this.#alias(type, field.name)}${field.name}${this.#arguments(field)}${this.#directive()}${selection}`;
  }

  #alias(type: GraphQLNamedType, name: string): string {
    if (!this.random.chance(0.4)) return '';
    const siblings = isUnionType(type) ? [] : Object.keys((type as FieldsType).getFields());
    return `${this.random.pick([...MEETING, ...siblings, 'a', 'b', name])}: `;
  }

  #directive(): string {
    if (!this.random.chance(0.12)) return '';
    const one = () => `@${this.random.pick(['skip', 'include'])}(if: ${this.#condition()})`;
    return ` ${this.random.chance(0.1) ? `@skip(if: ${this.#condition()}) @include(if: ${this.#condition()})` : one()}`;
  }

  #condition(): string {
    const value = this.random.chance(0.5);
    if (this.random.chance(0.4)) return String(value);
    return this.random.chance(0.3)
      ? this.#variable('Boolean', undefined, ` = ${value}`)
      : this.#variable('Boolean!', value);
  }

  #variable(type: string, value: unknown, otherwise = ''): string {
    const name =
      this.random.chance(0.1) && !('representations' in this.#variables)
        ? 'representations'
        : `v${this.#declared.length}`;
    if (this.#declared.some((one) => one.startsWith(`$${name}:`))) return this.#variable(type, value, otherwise);
    this.#declared.push(`$${name}: ${type}${otherwise}`);
    if (value !== undefined) this.#variables[name] = value;
    return `$${name}`;
  }

  #arguments(field: GraphQLField<unknown, unknown>): string {
    const given = field.args.filter(
      (arg) => isRequiredArgument(arg) || (arg.name === 'first' ? this.random.chance(0.95) : this.random.chance(0.2)),
    );
    const isForwards = given.some(({ name }) => name === 'first');
    // Which pages there are is known before anything runs: see execution/argumentFaults.ts.
    const possible = given.filter(({ name }) => name !== 'last' || !isForwards);
    const written = possible.map((arg) => {
      const value = this.#value(arg, arg.type, field.name, 2);
      if (this.random.chance(0.3)) return `${arg.name}: ${this.#variable(String(arg.type), value)}`;
      return `${arg.name}: ${this.#literal(value, arg.type)}`;
    });
    return written.length > 0 ? `(${written.join(', ')})` : '';
  }

  #value(arg: Argument, type: GraphQLInputType, field: string, depth: number): unknown {
    if (isNonNullType(type)) return this.#value(arg, type.ofType, field, depth);
    if (type === arg.type && this.random.chance(0.05)) return null;
    if (isListType(type)) return [this.#value(arg, type.ofType, field, depth)];
    if (isEnumType(type)) return this.random.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      if (UPDATE.test(field)) return {};
      const given = Object.values(type.getFields()).filter(
        (one) => isRequiredInputField(one) || (depth > 0 && this.random.chance(0.3)),
      );
      return Object.fromEntries(given.map((one) => [one.name, this.#value(one, one.type, field, depth - 1)]));
    }
    return this.#scalar(arg, type.name, field);
  }

  #scalar({ name, description }: Argument, type: string, field: string): unknown {
    if (type === 'Boolean') return this.random.chance(0.5);
    if (type === 'Int') return name === 'number' ? this.names.number : this.random.int(4) + (isPageSize(name) ? 1 : 0);
    if (type === 'Float') return this.random.int(4);
    if (type === 'DateTime') return this.random.pick(['2020-01-01T00:00:00Z', '2035-01-01T00:00:00Z']);
    if (type === 'CurrencyCode') return this.random.pick(['USD', 'EUR']);
    if (type === 'Decimal') return this.random.pick(['0', '10.00', '99.5']);
    const prefix = /^([a-z]+)_…/.exec(description ?? '')?.[1];
    const named =
      this.names[prefix ?? ''] ?? this.names[name] ?? this.names[`${field}${name[0]?.toUpperCase()}${name.slice(1)}`];
    return named ?? this.random.pick(['Thing', 'nothing', 'a']);
  }

  #literal(value: unknown, type: GraphQLInputType): string {
    const bare = isNonNullType(type) ? type.ofType : type;
    if (value === null || value === undefined) return 'null';
    if (isListType(bare)) return `[${(value as unknown[]).map((one) => this.#literal(one, bare.ofType)).join(', ')}]`;
    if (isEnumType(bare)) return String(value);
    if (!isInputObjectType(bare)) return JSON.stringify(value);
    const fields = bare.getFields();
    const entries = Object.entries(value as object).flatMap(([name, one]) => {
      const field = fields[name];
      return field ? [`${name}: ${this.#literal(one, field.type)}`] : [];
    });
    return `{ ${entries.join(', ')} }`;
  }
}
