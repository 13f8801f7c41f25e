import { randomUUID } from 'node:crypto';
import { checksumOfTenant } from '../../../subgraphs/shared/test/checksumOfTenant';
import { untilDelivered } from '../../../subgraphs/shared/test/untilDelivered';
import { type Answer, type TestStore, TestSupergraph } from '../startSupergraph';
import { documentOf, listValuePlaces, MANNERS, readApiSchema, WRONG } from './valuePlaces';
import { documentOfAll, type WrongMutation, wrongEverywhere } from './wrongTexts';

let graph: TestSupergraph;
let store: TestStore;

beforeAll(async () => {
  graph = await TestSupergraph.start();
  store = await graph.makeStore('values');
});
afterAll(() => graph?.stop());

const ownerUrls = () => (['tenant', 'product', 'order'] as const).map((name) => graph.ownerUrl(name));
const checksums = () => Promise.all(ownerUrls().map((url) => checksumOfTenant(url, store.id)));

/** What an answer tells, when it is a refusal of the whole request. */
const refusalOf = ({ status, body }: Answer) => ({ status, data: body.data, code: body.errors?.[0]?.extensions.code });
const REFUSED = { status: 400, data: undefined, code: 'BAD_USER_INPUT' };

/** As many have the tokens, the size and the cost that one document may. */
const MUTATIONS_AT_ONCE = 12;

function* parts(mutations: readonly WrongMutation[], size: number): Generator<WrongMutation[]> {
  for (let from = 0; from < mutations.length; from += size) yield mutations.slice(from, from + size);
}

/** The places that user errors name, or the one that an error of the whole field names. */
function placesToldOf(name: string, { data, errors = [] }: Answer['body']): string[] {
  const userErrors: { field: string[]; code: string }[] | undefined = data?.[name]?.userErrors;
  if (userErrors) return userErrors.map(({ field }) => field.join('.')).sort();
  return errors
    .filter(({ path }: { path?: unknown[] }) => path === undefined || path[0] === name)
    .map(({ message, extensions }: { message: string; extensions: { field?: string } }) => extensions.field ?? message);
}

/** Lines of errors that the services logged for one request. */
const errorsLogged = ({ requestId }: Answer) =>
  graph.lines.filter(
    (line) => requestId !== null && line.includes(requestId) && /"level":"?(error|[56]0)"?/.test(line),
  );

describe('a wrong value in a mutation', () => {
  it('keeps the right mutation in front of it from running, wherever it stands and however it is sent', async () => {
    const schema = readApiSchema();
    const places = listValuePlaces(schema).filter(({ operation }) => operation === 'mutation');
    await untilDelivered(ownerUrls(), store.id);
    const before = await checksums();
    const passed: unknown[] = [];
    for (const [index, place] of places.entries())
      for (const manner of MANNERS) {
        const wrong = WRONG[place.scalar] ?? [];
        const right = `right: categoryCreate(input: { name: "${randomUUID()}" }) { userErrors { code } }`;
        const { query, variables } = documentOf(place, wrong[index % wrong.length], manner, right);
        const answer = await graph.ask(store.admin, query, variables);
        if (answer.status !== 400 || refusalOf(answer).code !== 'BAD_USER_INPUT') passed.push({ query, ...answer });
      }
    expect(passed).toEqual([]);
    expect(await checksums()).toEqual(before);
  });

  it('keeps the right one from running also where an amount has more digits than its currency, or a page too many', async () => {
    const right = `right: categoryCreate(input: { name: "${randomUUID()}" }) { category { id } userErrors { code } }`;
    const documents = listValuePlaces(readApiSchema())
      .filter(
        ({ operation, scalar, path }) => operation === 'mutation' && scalar === 'Decimal' && path.at(-1) === 'amount',
      )
      .map((place, index) => documentOf(place, '1.234', MANNERS[index % MANNERS.length] ?? 'literal', right));
    expect(documents.length).toBeGreaterThan(10);
    documents.push({
      query: `mutation { ${right} tried: categoryCreate(input: { name: "Page" }) { category { products(first: 1000) { nodes { id } } } } }`,
      variables: {},
    });
    await untilDelivered(ownerUrls(), store.id);
    const before = await checksums();
    const passed: unknown[] = [];
    for (const { query, variables } of documents) {
      const answer = await graph.ask(store.admin, query, variables);
      if (answer.status !== 400 || refusalOf(answer).code !== 'BAD_USER_INPUT') passed.push({ query, ...answer });
    }
    expect(passed).toEqual([]);
    expect(await checksums()).toEqual(before);
  });

  it.each(['literals', 'variables'] as const)(
    'is told with all others of its input, of every mutation, and nothing is changed: in %s',
    async (manner) => {
      const mutations = Object.values(readApiSchema().getMutationType()?.getFields() ?? {}).flatMap(
        (field) => wrongEverywhere(field) ?? [],
      );
      expect(mutations.length).toBeGreaterThan(80);
      await untilDelivered(ownerUrls(), store.id);
      const before = await checksums();
      const told: Record<string, string[]> = {};
      for (const some of parts(mutations, MUTATIONS_AT_ONCE)) {
        const { query, variables } = documentOfAll(some, manner);
        const { body } = await graph.ask(store.admin, query, variables);
        for (const { name } of some) told[name] = placesToldOf(name, body);
      }
      expect(told).toEqual(Object.fromEntries(mutations.map(({ name, places }) => [name, places.sort()])));
      expect(await checksums()).toEqual(before);
    },
  );

  it('says where it is and what was expected', async () => {
    const query = `mutation { categoryCreate(input: { name: "Lit" }) { category { slug } }
      discountCreate(input: { title: "x", amount: { amount: "5,00", currencyCode: USD } }) { discount { id } } }`;
    const { body } = await graph.ask(store.admin, query);
    expect(body.errors).toEqual([
      {
        message: 'Decimal: expected a decimal in a string, such as "150.00", found "5,00".',
        locations: [{ line: 2, column: 61 }],
        extensions: {
          code: 'BAD_USER_INPUT',
          expected: 'a decimal in a string, such as "150.00"',
          requestId: expect.any(String),
        },
      },
    ]);
  });

  it('says of a variable which one it is, and where in it', async () => {
    const query = 'mutation ($input: DiscountCreateInput!) { discountCreate(input: $input) { discount { id } } }';
    const input = { title: 'x', amount: { amount: '5.00', currencyCode: 'ZZZ' } };
    const { body } = await graph.ask(store.admin, query, { input });
    expect(body.errors[0].message).toBe(
      'Variable "$input" got invalid value "ZZZ" at "input.amount.currencyCode"; CurrencyCode: expected an ISO 4217 code such as USD.',
    );
  });
});

describe('a wrong value in a visitor’s query', () => {
  it.each([
    ['a date without a time', '{ products(where: { createdAt: { from: "2026-11-01" } }) { nodes { id } } }', {}],
    [
      'a price with a comma',
      '{ products(where: { price: { min: { amount: "19,99", currencyCode: USD } } }) { nodes { id } } }',
      {},
    ],
    ['a page of 1000', '{ products(first: 1000) { nodes { id } } }', {}],
    ['a page of none', 'query ($n: Int) { products(first: $n) { nodes { id } } }', { n: 0 }],
    [
      'a price with more digits than the currency has',
      '{ products(where: { price: { min: { amount: "1.5", currencyCode: JPY } } }) { nodes { id } } }',
      {},
    ],
    [
      'a number for a price, as a literal',
      '{ products(where: { price: { min: { amount: 12.5, currencyCode: USD } } }) { nodes { id } } }',
      {},
    ],
    [
      'a number for a price, as a variable',
      'query ($amount: Decimal!) { products(where: { price: { min: { amount: $amount, currencyCode: USD } } }) { nodes { id } } }',
      { amount: 12.5 },
    ],
    ['null for what has a default', 'query ($r: Boolean) { products(reverse: $r) { nodes { id } } }', { r: null }],
    ['NUL in a literal', String.raw`{ products(query: "a\u0000b") { nodes { id } } }`, {}],
    [
      'half of a surrogate pair',
      'query ($text: String) { products(query: $text) { nodes { id } } }',
      { text: 'k\ud800' },
    ],
    ['NUL in a variable', 'query ($text: String) { products(query: $text) { nodes { id } } }', { text: 'a\0b' }],
  ])('%s is refused without an error in the log', async (_what, query, variables) => {
    const answer = await graph.ask(store.visitor, query, variables);
    expect(refusalOf(answer)).toEqual(REFUSED);
    expect(errorsLogged(answer)).toEqual([]);
  });

  it('a variable that is left out takes the default', async () => {
    const { body } = await graph.ask(store.visitor, 'query ($r: Boolean) { products(reverse: $r) { nodes { id } } }');
    expect(body).toEqual({ data: { products: { nodes: [] } } });
  });
});
