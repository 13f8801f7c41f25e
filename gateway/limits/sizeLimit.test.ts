import { fixedCostOf, limitSelections, MAX_SELECTIONS_OF_STAFF } from './sizeLimit';

const of = (selections: number) => ({ selections, statements: 0 });
const refused = expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) });

describe('an operation that takes too long to plan', () => {
  it.each(['VISITOR', 'CUSTOMER'] as const)('is refused to a %s where staff may send it', (role) => {
    expect(() => limitSelections(of(601), role)).toThrow(refused);
    expect(() => limitSelections(of(600), role)).not.toThrow();
    expect(() => limitSelections(of(601), 'MEMBER')).not.toThrow();
    expect(() => limitSelections(of(601), 'ADMIN')).not.toThrow();
  });

  it('is refused to everybody above the limit of staff, before it is known who asks', () => {
    expect(() => limitSelections(of(MAX_SELECTIONS_OF_STAFF + 1), null)).toThrow(
      'The operation selects 3,001 fields with its fragments expanded; expected at most 3,000: ask in parts.',
    );
    expect(() => limitSelections(of(MAX_SELECTIONS_OF_STAFF), null)).not.toThrow();
    expect(() => limitSelections(of(Number.POSITIVE_INFINITY), 'ADMIN')).toThrow('too many fields');
  });
});

it('each selection costs what planning it takes, and each statement fifty fields', () => {
  expect(fixedCostOf({ selections: 7, statements: 3 })).toBe(157);
});
