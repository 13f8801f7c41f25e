import { buildSchema, type GraphQLSchema } from 'graphql';
import { composeSubgraphs } from '../../compose';
import { callerOf } from '../isolation/document';
import { type FullStore, makeFullStore } from '../isolation/stores';
import { OwnSupergraph } from '../ownSupergraph';
import { TestSupergraph } from '../startSupergraph';
import { type Asker, compare, type Difference, type Judge, startJudge } from './compare';
import { generateOperation } from './generateOperation';
import { Random } from './random';
import { shrink } from './shrink';

/** `npm run fuzz` asks for more, by a seed that is not always the same. */
const OPERATIONS = Number(process.env.FUZZ_OPERATIONS ?? 300);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** `apollo` judges @apollo/gateway's execution instead of the gateway's own. */
const EXECUTION = process.env.FUZZ_EXECUTION;
const AT_ONCE = 4;
/** As many tell what is the matter. */
const MAX_DIFFERENCES = 10;
const FUZZ_TIMEOUT_MS = 60_000 + OPERATIONS * 500;

let graph: TestSupergraph;
let judge: Judge;
let full: FullStore;
let askers: Asker[];
let schema: GraphQLSchema;

beforeAll(async () => {
  graph = EXECUTION ? await OwnSupergraph.start({ GATEWAY_EXECUTION: EXECUTION }) : await TestSupergraph.start();
  [judge, full] = await Promise.all([startJudge(graph.env()), makeFullStore(graph, 'judged', 2_000)]);
  const { store } = full;
  askers = [
    { headers: store.visitor, caller: callerOf('VISITOR', store.id, null) },
    { headers: store.customer('user_ada'), caller: callerOf('CUSTOMER', store.id, 'user_ada') },
    { headers: store.member, caller: callerOf('MEMBER', store.id, 'user_staff') },
    { headers: store.admin, caller: callerOf('ADMIN', store.id, 'user_staff') },
  ];
  schema = buildSchema(composeSubgraphs().apiSdl);
}, 180_000);
afterAll(async () => {
  await judge?.stop();
  await graph?.stop();
});

const admin = () => askers.at(-1) as Asker;

describe('the gateway answers what graphql-js answers by one schema over the same resolvers', () => {
  it.each([
    ['an alias named as the key of its object', '{ products(first: 2) { nodes { id: slug name sales { units } } } }'],
    [
      'an alias named as the key of an object that two subgraphs have',
      '{ currentTenant { plan { name usage { id: staff products } } } }',
    ],
    [
      'an alias named __typename',
      '{ orders(first: 2) { nodes { id: number __typename: name items { product { name } } } } }',
    ],
    ['__typename under the name of a key', '{ products(first: 1) { nodes { id: __typename name sales { units } } } }'],
    [
      'a variable named as the planner’s own',
      'query ($representations: Int) { products(first: $representations) { nodes { name sales { units } } } }',
    ],
    ['an alias that JavaScript has a use for', '{ currentTenant { __proto__: name constructor: slug } }'],
    ['an object of which all fields are skipped', '{ products(first: 1) { nodes @skip(if: true) { id } } }'],
    [
      'an object of which all fields are skipped by a variable',
      'query ($on: Boolean = true) { currentTenant { plan { usage { products @skip(if: $on) } } } products(first: 1) { nodes @skip(if: $on) { id } } }',
    ],
    [
      'introspection beside data',
      '{ __schema { queryType { name } } a: __type(name: "Tenant") { kind } currentTenant { id } }',
    ],
  ])('%s', async (_title, query) => {
    expect(await compare(graph, judge, { query, variables: { representations: 1 } }, admin())).toBeNull();
  });

  it(
    `${OPERATIONS} operations made by seed ${SEED}`,
    async () => {
      const random = new Random(SEED);
      let left = OPERATIONS;
      const found: Difference[] = [];
      const askOn = async () => {
        while (left > 0 && found.length < MAX_DIFFERENCES) {
          left -= 1;
          const operation = generateOperation(random, schema, full.names);
          const asker = random.pick(askers);
          const difference = await compare(graph, judge, operation, asker);
          if (!difference) continue;
          const smallest = await shrink(
            schema,
            operation,
            async (smaller) => (await compare(graph, judge, smaller, asker)) !== null,
          );
          found.push((await compare(graph, judge, smallest, asker)) ?? difference);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, askOn));
      expect(found).toEqual([]);
    },
    FUZZ_TIMEOUT_MS,
  );
});
