import { type GraphQLError, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import { addScalarCode } from '../../execution/apiSchema';
import { variableFaults } from '../../execution/variables';
import { documentOf, listValuePlaces, MANNERS, readApiSchema, type ValueDocument, WRONG } from './valuePlaces';

const schema = readApiSchema();
addScalarCode(schema);
const places = listValuePlaces(schema);

/** What the gateway finds before it makes a plan. */
function faultsOf({ query, variables }: ValueDocument): readonly GraphQLError[] {
  const document = parse(query);
  const found = validate(schema, document, specifiedRules);
  const operation = getOperationAST(document);
  if (found.length > 0 || !operation) return found;
  return variableFaults({ schema, document, operation, variables });
}

const nameOf = ({ operation, field, path, scalar }: (typeof places)[number]) =>
  `${operation} ${field.name} ${path.join('.')}: ${scalar}`;

describe('a value of a scalar of ours', () => {
  it('has places in queries and mutations, in objects and lists, and wrong values to try', () => {
    expect(places.length).toBeGreaterThan(30);
    expect(new Set(places.map(({ scalar }) => scalar))).toEqual(new Set(Object.keys(WRONG)));
  });

  it.each(MANNERS)('is refused where it is wrong, everywhere in the schema: as a %s', (manner) => {
    const passed: string[] = [];
    for (const place of places)
      for (const wrong of WRONG[place.scalar] ?? []) {
        const [fault] = faultsOf(documentOf(place, wrong, manner));
        const isTold =
          fault?.extensions.code === 'BAD_USER_INPUT' && fault.locations && /expected .+ such as /.test(fault.message);
        if (!isTold) passed.push(`${nameOf(place)} = ${JSON.stringify(wrong)}: ${fault?.message}`);
      }
    expect(passed).toEqual([]);
  });

  it.each(MANNERS)('passes where it is right: as a %s', (manner) => {
    const right: Record<string, string> = { CurrencyCode: 'EUR', DateTime: '2026-11-01T00:00:00Z', Decimal: '5.00' };
    const refused = places.flatMap((place) => faultsOf(documentOf(place, right[place.scalar], manner)));
    expect(refused.map(({ message }) => message)).toEqual([]);
  });
});
