import { GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { badUserInput } from './errors';
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

/** A Date in code, ISO 8601 in requests and answers. */
export const DateTime = new GraphQLScalarType({ ...GraphQLDateTimeISO.toConfig(), name: 'DateTime' });
