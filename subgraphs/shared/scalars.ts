import { GraphQLError, GraphQLScalarType, Kind, print, type ValueNode } from 'graphql';
import { isCurrencyCode } from './currencies';
import type { ErrorCode } from './errors';

/** A scalar whose values are checked: `read` gives undefined for what is none. A variable and a literal of the same text are the same value. */
function scalar<Internal>(
  name: string,
  expected: string,
  read: (text: string) => Internal | undefined,
  serialize: (value: unknown) => string,
  textOf: (literal: ValueNode) => string | undefined = (literal) =>
    literal.kind === Kind.STRING ? literal.value : undefined,
): GraphQLScalarType<Internal, string> {
  const parse = (text: unknown, literal?: ValueNode) => {
    const value = typeof text === 'string' ? read(text) : undefined;
    if (value === undefined) throw badValue(name, expected, literal);
    return value;
  };
  return new GraphQLScalarType<Internal, string>({
    name,
    serialize,
    parseValue: (value) => parse(value),
    parseLiteral: (literal) => parse(textOf(literal), literal),
  });
}

/** GraphQL adds the place of a variable's value to the message. It knows the place of a literal by the node only. */
function badValue(name: string, expected: string, literal: ValueNode | undefined): GraphQLError {
  const found = literal ? `, found ${print(literal)}` : '';
  const code: ErrorCode = 'BAD_USER_INPUT';
  return new GraphQLError(`${name}: expected ${expected}${found}.`, {
    ...(literal && { nodes: literal }),
    extensions: { code, expected },
  });
}

const DECIMAL = /^-?\d{1,15}(\.\d{1,10})?$/;

/** A decimal, in a string: JSON parsers read a number as binary floating point. A literal number is refused, too, to have one rule for both. */
export const Decimal = scalar<string>(
  'Decimal',
  'a decimal in a string, such as "150.00"',
  (text) => (DECIMAL.test(text) ? text : undefined),
  String,
);

/** Accepts a variable "USD" and, as an enum does, the literal USD. */
export const CurrencyCode = scalar<string>(
  'CurrencyCode',
  'an ISO 4217 code such as USD',
  (text) => (isCurrencyCode(text) ? text : undefined),
  String,
  (literal) => (literal.kind === Kind.STRING || literal.kind === Kind.ENUM ? literal.value : undefined),
);

/** RFC 3339, section 5.6, without leap seconds: a Date has none. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** A Date in code, RFC 3339 in UTC on the wire. */
export const DateTime = scalar<Date>(
  'DateTime',
  'a date and time with its offset by RFC 3339, such as "2026-11-24T10:15:30Z"',
  readDateTime,
  (value) => {
    const date = value instanceof Date ? value : readDateTime(String(value));
    if (date === undefined) throw new TypeError(`No date and time: ${value}`);
    return date.toISOString();
  },
);

function readDateTime(given: string): Date | undefined {
  const text = given.toUpperCase();
  if (!DATE_TIME.test(text) || !hasDay(text)) return undefined;
  const date = new Date(text);
  // An offset can lead out of the years that have four digits, and PostgreSQL has no year 0.
  return date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999 ? date : undefined;
}

/** A Date takes the 30th of February for the 2nd of March. */
function hasDay(text: string): boolean {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return day.getUTCDate() === Number(text.slice(8, 10));
}

/** Every scalar of the graph that GraphQL does not have, by its name. */
export const SCALARS: Readonly<Record<string, GraphQLScalarType>> = { CurrencyCode, DateTime, Decimal };
