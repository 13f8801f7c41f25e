import { parseValue } from 'graphql';
import { DateTime } from './scalars';

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
  ])('refuses %s', (_what, value) => {
    expect(() => DateTime.parseValue(value)).toThrow(
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) }),
    );
  });

  it.each(['1764000000', '{ a: 1 }', 'SOON', '"soon"'])('refuses the literal %s', (literal) => {
    expect(() => DateTime.parseLiteral(parseValue(literal), {})).toThrow(/^DateTime cannot represent/);
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
