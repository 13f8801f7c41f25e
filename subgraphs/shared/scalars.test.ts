import { type GraphQLScalarType, parseValue } from 'graphql';
import { CurrencyCode, DateTime, Decimal } from './scalars';

const refusal = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', expected: expect.any(String) } });

describe('one rule for a literal and for a variable', () => {
  it.each<[string, GraphQLScalarType, unknown]>([
    ['a number, which a JSON parser has read as binary floating point', Decimal, 12.5],
    ['a whole number', Decimal, 150],
    ['a comma', Decimal, '5,00'],
    ['an exponent', Decimal, '1e3'],
    ['white space', Decimal, ' 5.00'],
    ['nothing', Decimal, ''],
    ['a currency that does not exist', CurrencyCode, 'ZZZ'],
    ['lower case', CurrencyCode, 'usd'],
    ['a number of ISO 4217', CurrencyCode, 978],
  ])('refuses %s', (_what, scalar, value) => {
    expect(() => scalar.parseValue(value)).toThrow(refusal);
    expect(() => scalar.parseLiteral(parseValue(JSON.stringify(value)))).toThrow(refusal);
  });

  it.each<[GraphQLScalarType, string, unknown]>([
    [Decimal, '"-150.00"', '-150.00'],
    [CurrencyCode, '"USD"', 'USD'],
    [CurrencyCode, 'USD', 'USD'],
  ])('%s reads the literal %s as the variable "%s"', (scalar, literal, value) => {
    expect(scalar.parseLiteral(parseValue(literal))).toBe(value);
    expect(scalar.parseValue(value)).toBe(value);
  });

  it('says what was found in the document, and where', () => {
    const literal = parseValue('{ amount: 5 }');
    expect(() => Decimal.parseLiteral(literal)).toThrow(
      expect.objectContaining({
        message: 'Decimal: expected a decimal in a string, such as "150.00", found {amount: 5}.',
        nodes: [literal],
      }),
    );
  });
});

describe('DateTime', () => {
  it.each([
    ['an empty text', ''],
    ['a date', '2026-11-24'],
    ['no offset', '2026-11-24T10:15:30'],
    ['no seconds', '2026-11-24T10:15Z'],
    ['a space for the T', '2026-11-24 10:15:30Z'],
    ['text around it', ' 2026-11-24T10:15:30Z'],
    ['a second line', '2026-11-24T10:15:30Z\n'],
    ['month 13', '2026-13-01T10:15:30Z'],
    ['month 0', '2026-00-01T10:15:30Z'],
    ['day 0', '2026-01-00T10:15:30Z'],
    ['the 31st of April', '2026-04-31T10:15:30Z'],
    ['the 29th of February of a common year', '2026-02-29T10:15:30Z'],
    ['the 29th of February of a century', '2100-02-29T10:15:30Z'],
    ['hour 24', '2026-11-24T24:00:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['an offset of a day', '2026-11-24T10:15:30+24:00'],
    ['a point without a fraction', '2026-11-24T10:15:30.Z'],
    ['a year of five digits', '12026-11-24T10:15:30Z'],
    ['a number', 1_764_000_000_000],
    ['null in a list', null],
    ['an object', {}],
    ['a year 0, which PostgreSQL does not have', '0000-12-31T00:00:00Z'],
    ['an offset that leads to the year 0', '0001-01-01T00:30:00+01:00'],
    ['an offset that leads to the year 10000', '9999-12-31T23:30:00-01:00'],
  ])('refuses %s', (_what, value) => {
    expect(() => DateTime.parseValue(value)).toThrow(refusal);
  });

  it.each(['1764000000', '{ a: 1 }', 'SOON', '"soon"'])('refuses the literal %s', (literal) => {
    expect(() => DateTime.parseLiteral(parseValue(literal), {})).toThrow(refusal);
  });

  it.each([
    ['2026-11-24T10:15:30Z', '2026-11-24T10:15:30.000Z'],
    ['2026-11-24t10:15:30z', '2026-11-24T10:15:30.000Z'],
    ['2026-11-24T10:15:30.123456Z', '2026-11-24T10:15:30.123Z'],
    ['2026-11-24T00:15:30+01:00', '2026-11-23T23:15:30.000Z'],
    ['2028-02-29T23:59:59-00:00', '2028-02-29T23:59:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('reads %s, as a variable and as a literal, and writes %s', (given, written) => {
    const read = DateTime.parseValue(given);
    expect(read).toEqual(DateTime.parseLiteral(parseValue(`"${given}"`), {}));
    expect(DateTime.serialize(read)).toBe(written);
    expect(DateTime.serialize(given)).toBe(written);
  });

  it('refuses to serialize an invalid date', () => {
    expect(() => DateTime.serialize(new Date('soon'))).toThrow();
    expect(() => DateTime.serialize('soon')).toThrow();
  });
});
