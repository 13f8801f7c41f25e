import {
  defaultFieldResolver,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { badUserInput } from './errors';
import { cleanText, textFault } from './typedText';
import { invalid } from './userErrors';

/** Texts that are kept as they come, each with its reason: by the field's name, or by its type and name. */
export const KEPT_TEXTS: Readonly<Record<string, string>> = {
  idempotencyKey: 'programs make it: two that differ in anything are two requests',
  'MetafieldInput.value': 'its type says what white space means in it: metafieldInput.ts reads it',
};

interface TextFault {
  field: string[];
  expected: string;
}

/** A value with its texts read; what is wrong with them is added to `faults`. */
type Read = (value: unknown, at: string[], faults: TextFault[]) => unknown;

/**
 * Has each resolver of `schema` get its arguments with all texts read, however deep they are: clean ({@link cleanText}), and without
 * control characters. An empty one is null where the schema allows null, as a form sends what was left empty. A control character is
 * a user error where the field has those, and else BAD_USER_INPUT. (A text that PostgreSQL can't store comes no further than requestTexts.ts.)
 * @param schema which nobody else uses yet: its resolvers are replaced.
 */
export function readTexts(schema: GraphQLSchema): GraphQLSchema {
  const readers = new Readers();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('_')) continue;
    for (const field of Object.values(type.getFields())) {
      const read = field.name.startsWith('_') ? null : readers.ofFields('', field.args);
      if (read) field.resolve = resolveRead(field, read);
    }
  }
  return schema;
}

function resolveRead(field: GraphQLField<unknown, unknown>, read: Read): GraphQLFieldResolver<unknown, unknown> {
  const { resolve = defaultFieldResolver } = field;
  const givesUserErrors = hasInvalid(field);
  return (root, args, context, info) => {
    const faults: TextFault[] = [];
    const clean = read(args, [], faults) as typeof args;
    const [first] = faults;
    if (!first) return resolve(root, clean, context, info);
    if (givesUserErrors) return { userErrors: faults.map(({ field: at, expected }) => invalid(at, expected)) };
    throw badUserInput(first.field.join('.'), first.expected);
  };
}

/** Whether a payload can say INVALID and nothing else. */
function hasInvalid({ type }: GraphQLField<unknown, unknown>): boolean {
  const payload = getNamedType(type);
  if (!isObjectType(payload)) return false;
  const { userErrors, ...others } = payload.getFields();
  const userError = userErrors && getNamedType(userErrors.type);
  const code = isObjectType(userError) ? getNamedType(userError.getFields().code?.type) : null;
  const knowsInvalid = isEnumType(code) && code.getValue('INVALID') != null;
  return knowsInvalid && Object.values(others).every((other) => !isNonNullType(other.type));
}

class Readers {
  private readonly ofObjects = new Map<string, Read | null>();

  /** Null where there is no text in it. */
  ofFields(typeName: string, fields: readonly (GraphQLArgument | GraphQLInputField)[]): Read | null {
    const readers = fields.flatMap((field) => {
      const kept = field.name in KEPT_TEXTS || `${typeName}.${field.name}` in KEPT_TEXTS;
      const read = this.ofType(field.type, kept);
      return read ? [[field.name, read] as const] : [];
    });
    if (readers.length === 0) return null;
    return (value, at, faults) => {
      const object = value as Record<string, unknown>;
      const clean = { ...object };
      for (const [name, read] of readers) {
        if (object[name] != null) clean[name] = read(object[name], [...at, name], faults);
      }
      return clean;
    };
  }

  private ofType(type: GraphQLInputType, kept: boolean): Read | null {
    if (isNonNullType(type)) return this.ofPresent(type.ofType, kept);
    const read = this.ofPresent(type, kept);
    if (!read || kept || !isText(type)) return read;
    return (value, at, faults) => read(value, at, faults) || null;
  }

  private ofPresent(type: GraphQLInputType, kept: boolean): Read | null {
    if (isListType(type)) {
      const entry = this.ofType(type.ofType, kept);
      if (!entry) return null;
      return (value, at, faults) =>
        (value as unknown[]).map((one, index) => (one == null ? one : entry(one, [...at, String(index)], faults)));
    }
    if (isInputObjectType(type)) return this.ofObject(type.name, () => Object.values(type.getFields()));
    const { name } = type;
    if (name === 'String' && !kept) return cleaned;
    return name === 'String' || name === 'ID' ? checked : null;
  }

  /** A type may have itself within: until it is known what is in it, its reader looks that up when it is used. */
  private ofObject(name: string, fields: () => GraphQLInputField[]): Read | null {
    const known = this.ofObjects.get(name);
    if (known !== undefined) return known;
    this.ofObjects.set(name, (value, at, faults) => this.ofObjects.get(name)?.(value, at, faults) ?? value);
    const read = this.ofFields(name, fields());
    this.ofObjects.set(name, read);
    return read;
  }
}

const isText = (type: GraphQLInputType): boolean => getNamedType(type).name === 'String' && !isListType(type);

const checked: Read = (value, field, faults) => {
  const expected = textFault(value as string, { lines: true });
  if (expected !== null) faults.push({ field, expected });
  return value;
};

const cleaned: Read = (value, field, faults) => checked(cleanText(value as string), field, faults);
