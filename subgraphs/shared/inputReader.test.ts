import { z } from 'zod';
import { checkInput, list, notNull, readInput, text } from './inputReader';
import { UserErrors } from './userErrors';

const faultsOf = (schema: z.ZodType, input: unknown) =>
  checkInput(schema, input).faults.map(({ field, code, message }) => [field.join('.'), code, message]);

describe('a text', () => {
  const schema = z.object({ name: text(3) });

  it.each([
    ['is empty', '', 'REQUIRED', 'Must not be empty.'],
    ['is white space', '  ', 'REQUIRED', 'Must not be empty.'],
    ['is too long', 'abcd', 'INVALID', 'Expected at most 3 characters.'],
    ['is no Unicode', 'a\ud800', 'INVALID', 'Expected well-formed Unicode.'],
    ['is no Unicode and too long', 'abcd\ud800', 'INVALID', 'Expected well-formed Unicode.'],
  ])('is refused when it %s', (_how, name, code, message) => {
    expect(faultsOf(schema, { name })).toEqual([['input.name', code, message]]);
  });

  it('is refused when it is missing, or no text', () => {
    expect(faultsOf(schema, {})).toMatchObject([['input.name', 'INVALID', expect.anything()]]);
    expect(faultsOf(schema, { name: 1 })).toMatchObject([['input.name', 'INVALID', expect.anything()]]);
  });

  it('loses the white space around it, which does not count', () => {
    expect(readInput(schema, { name: '  abc ' })).toEqual({ name: 'abc' });
  });

  it('may be empty, and have several lines, where its field says so', () => {
    expect(readInput(text({ max: 3, min: 0 }), ' ')).toBe('');
    expect(readInput(text({ max: 3, lines: true }), 'a\nb')).toBe('a\nb');
    expect(faultsOf(text(3), 'a\nb')).toEqual([['input', 'INVALID', 'Expected a text in one line.']]);
    expect(faultsOf(text({ max: 3, lines: true }), 'a\u0000')).toHaveLength(1);
  });

  it('has its letters composed', () => {
    expect(readInput(text(3), 'e\u0301')).toBe('é');
  });
});

describe('a field that may be left out', () => {
  const schema = z.object({ name: notNull(text(3)), isOpen: notNull(z.boolean()) });

  it('is refused as null', () => {
    expect(faultsOf(schema, { name: null })).toEqual([['input.name', 'REQUIRED', 'Can’t be taken away.']]);
  });

  it('is read as any other', () => {
    expect(faultsOf(schema, { name: '' })).toEqual([['input.name', 'REQUIRED', 'Must not be empty.']]);
    expect(readInput(schema, { name: ' a ', isOpen: false })).toEqual({ name: 'a', isOpen: false });
  });

  it('is not there where it was left out', () => {
    expect(Object.keys(readInput(schema, {}))).toEqual([]);
  });
});

describe('a list', () => {
  const schema = z.object({ tags: list(text(3), { min: 1, max: 2, tooLong: 'TOO_MANY' }) });

  it('is refused when it is too short or too long, and its entries are not looked at then', () => {
    expect(faultsOf(schema, { tags: [] })).toEqual([['input.tags', 'REQUIRED', 'Expected at least 1.']]);
    expect(faultsOf(schema, { tags: ['', '', ''] })).toEqual([['input.tags', 'TOO_MANY', 'Expected at most 2.']]);
  });

  it('has the faults of its entries, each in its place', () => {
    expect(faultsOf(schema, { tags: ['a', 'abcd'] })).toEqual([
      ['input.tags.1', 'INVALID', 'Expected at most 3 characters.'],
    ]);
  });

  it('has its entries as they are read', () => {
    expect(readInput(schema, { tags: [' a'] })).toEqual({ tags: ['a'] });
  });
});

describe('an input', () => {
  const schema = z.object({
    name: text(3),
    sku: text(3).refine((sku) => sku !== 'abc', { message: 'It is there already.', params: { code: 'TAKEN' } }),
  });

  it('is refused with all that is wrong with it', () => {
    expect(() => readInput(schema, { name: '', sku: 'abcd' })).toThrow(UserErrors);
    expect(faultsOf(schema, { name: '', sku: 'abcd' })).toEqual([
      ['input.name', 'REQUIRED', 'Must not be empty.'],
      ['input.sku', 'INVALID', 'Expected at most 3 characters.'],
    ]);
  });

  it('is refused with the code that a check names', () => {
    expect(faultsOf(schema, { name: 'a', sku: 'abc' })).toEqual([['input.sku', 'TAKEN', 'It is there already.']]);
  });

  it('is refused with its place in the arguments', () => {
    const { faults } = checkInput(schema, { name: '', sku: 'a' }, ['input', 'variants', '1']);
    expect(faults).toMatchObject([{ field: ['input', 'variants', '1', 'name'] }]);
  });

  it('is read without what it does not know', () => {
    expect(checkInput(schema, { name: 'a', sku: 'b', more: 1 })).toEqual({ data: { name: 'a', sku: 'b' }, faults: [] });
  });
});
