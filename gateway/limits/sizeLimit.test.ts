import { fixedCostOf, limitPlanning, MAX_PLANNING_OF_STAFF } from './sizeLimit';

const of = (planning: number) => ({ planning, statements: 0 });
const refused = expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) });

describe('an operation that takes too long to plan', () => {
  it.each(['VISITOR', 'CUSTOMER'] as const)('is refused to a %s where staff may send it', (role) => {
    expect(() => limitPlanning(of(601), role)).toThrow(refused);
    expect(() => limitPlanning(of(600), role)).not.toThrow();
    expect(() => limitPlanning(of(601), 'MEMBER')).not.toThrow();
    expect(() => limitPlanning(of(601), 'ADMIN')).not.toThrow();
  });

  it('is refused to everybody above the limit of staff, before it is known who asks', () => {
    expect(() => limitPlanning(of(MAX_PLANNING_OF_STAFF + 1), null)).toThrow(
      'The size of the operation is 6,001 with its fragments expanded; expected at most 6,000, where a field is one and an object seven: ask in parts.',
    );
    expect(() => limitPlanning(of(MAX_PLANNING_OF_STAFF), null)).not.toThrow();
    expect(() => limitPlanning(of(Number.POSITIVE_INFINITY), 'ADMIN')).toThrow('is too large');
  });
});

it('costs what planning it takes, and fifty for each statement', () => {
  expect(fixedCostOf({ planning: 7, statements: 3 })).toBe(157);
});
