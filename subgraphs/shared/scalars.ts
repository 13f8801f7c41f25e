import { GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { badUserInput, graphqlError } from './errors';
import { isCurrencyCode } from './money';

const DECIMAL = /^-?\d{1,15}(\.\d{1,10})?$/;

/** A decimal, in a string: JSON parsers read a number as binary floating point. */
export const Decimal = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  serialize: (value) => String(value),
  parseValue: parseDecimal,
  parseLiteral: (node: ValueNode) =>
    parseDecimal(
      node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT ? node.value : undefined,
    ),
});

function parseDecimal(value: unknown): string {
  if (typeof value === 'string' && DECIMAL.test(value)) return value;
  throw badUserInput('Decimal', 'a decimal in a string, such as "150.00"');
}

/** Accepts a variable "USD" and, as an enum does, the literal USD. */
export const CurrencyCode = new GraphQLScalarType<string, string>({
  name: 'CurrencyCode',
  serialize: (value) => String(value),
  parseValue: parseCurrencyCode,
  parseLiteral: (node: ValueNode) =>
    parseCurrencyCode(node.kind === Kind.STRING || node.kind === Kind.ENUM ? node.value : undefined),
});

function parseCurrencyCode(value: unknown): string {
  if (typeof value === 'string' && isCurrencyCode(value)) return value;
  throw badUserInput('CurrencyCode', 'an ISO 4217 code such as USD');
}

/** RFC 3339, section 5.6, without leap seconds: a Date has none. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** A Date in code, RFC 3339 in UTC on the wire. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => (value instanceof Date ? value : parseDateTime(value)).toISOString(),
  parseValue: parseDateTime,
  parseLiteral: (node: ValueNode) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

function parseDateTime(value: unknown): Date {
  if (typeof value !== 'string')
    throw graphqlError('BAD_USER_INPUT', 'DateTime cannot represent a value that is no string.');
  const text = value.toUpperCase();
  if (DATE_TIME.test(text) && hasDay(text)) return new Date(text);
  throw graphqlError('BAD_USER_INPUT', `DateTime cannot represent an invalid date-time-string ${value}.`);
}

/** A Date takes the 30th of February for the 2nd of March. */
function hasDay(text: string): boolean {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return day.getUTCDate() === Number(text.slice(8, 10));
}
