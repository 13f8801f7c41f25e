import type { PlanNode } from '@apollo/query-planner';
import { buildSchema } from 'graphql';
import type { SubgraphResult } from '../../subgraphs/shared/subgraphClient';
import { executePlan, type SubgraphOperation } from './executePlan';

const supergraph = buildSchema(`
  type Query { products: [Media] }
  interface Media { id: ID! }
  type Book implements Media { id: ID! }
  type Film implements Media { id: ID! }
`);

const fetchRoot = (serviceName: string, operation: string, more: object = {}): PlanNode =>
  ({ kind: 'Fetch', serviceName, operation, operationKind: 'query', ...more }) as PlanNode;
const fetchEntities = (serviceName: string, operation: string, typeName = 'Book', more: object = {}): PlanNode =>
  fetchRoot(serviceName, operation, {
    requires: [
      {
        kind: 'InlineFragment',
        typeCondition: typeName,
        selections: [
          { kind: 'Field', name: '__typename' },
          { kind: 'Field', name: 'id' },
        ],
      },
    ],
    ...more,
  });
const at = (path: (string | number)[], node: PlanNode): PlanNode => ({ kind: 'Flatten', path, node });
const sequence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'Sequence', nodes });

/** Executes a plan over subgraphs that answer each operation with what is written here. */
async function run(node: PlanNode, answers: Record<string, SubgraphResult>, given: Record<string, unknown> = {}) {
  const sent: (SubgraphOperation & { subgraph: string })[] = [];
  const ask = async (subgraph: string, operation: SubgraphOperation) => {
    sent.push({ subgraph, ...operation });
    return answers[operation.query] ?? { errors: [{ message: `No answer to ${operation.query}` }] };
  };
  const plan = { kind: 'QueryPlan', node } as const;
  const raw = await executePlan({ plan, supergraph, variables: { given, coerced: given }, ask });
  return { ...raw, sent, told: raw.errors.map(({ path, message }) => `${path?.join('.')}: ${message}`) };
}

const book = (id: string, more: object = {}) => ({ __typename: 'Book', id, ...more });
const LIST = fetchRoot('product', 'LIST');

describe('entities', () => {
  const plan = sequence(LIST, at(['products', '@'], fetchEntities('order', 'MORE')));

  it('are asked for by what identifies them, and only those of the type', async () => {
    const film = { __typename: 'Film', id: '2' };
    const { data, sent } = await run(plan, {
      LIST: { data: { products: [book('1'), film, null, book('3')] } },
      MORE: { data: { _entities: [{ units: 1 }, { units: 3 }] } },
    });
    expect(sent[1]?.variables).toEqual({ representations: [book('1'), book('3')] });
    expect(data).toEqual({ products: [book('1', { units: 1 }), film, null, book('3', { units: 3 })] });
  });

  it('an error of one of them is told at its place', async () => {
    const film = { __typename: 'Film', id: '2' };
    const { told, unknown, data } = await run(plan, {
      LIST: { data: { products: [film, book('1'), book('2')] } },
      MORE: { data: { _entities: [null, null] }, errors: [{ message: 'No', path: ['_entities', 1, 'units'] }] },
    });
    expect(told).toEqual(['products.2.units: No']);
    const [, first, second] = data.products as object[];
    expect([first, second].map((object) => unknown.has(object as object))).toEqual([true, false]);
  });

  it('an error of all of them is told at each element', async () => {
    const { told, errors } = await run(plan, {
      LIST: { data: { products: [book('1')] } },
      MORE: { data: null, errors: [{ message: 'Down', path: [], extensions: { code: 'SERVICE_UNAVAILABLE' } }] },
    });
    expect(told).toEqual(['products.@: Down']);
    expect(errors[0]?.extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', serviceName: 'order' });
  });

  it('a subgraph that answers fewer than it was asked for is at fault', async () => {
    const { told } = await run(plan, {
      LIST: { data: { products: [book('1'), book('2')] } },
      MORE: { data: { _entities: [{ units: 1 }] } },
    });
    expect(told).toEqual(['products.@: The order subgraph did not answer each entity']);
  });

  it('are not asked for where there are none', async () => {
    const { sent } = await run(plan, { LIST: { data: { products: [] } } });
    expect(sent).toHaveLength(1);
  });
});

it('what two subgraphs answer for the same objects is put together', async () => {
  const { data } = await run(
    { kind: 'Parallel', nodes: [LIST, fetchRoot('order', 'OTHER')] },
    {
      LIST: { data: { products: [{ id: '1', sizes: [1, 2] }] } },
      OTHER: { data: { products: [{ units: 1, sizes: [1, 2] }], more: true } },
    },
  );
  expect(data).toEqual({ products: [{ id: '1', units: 1, sizes: [1, 2] }], more: true });
});

it('of a condition the branch is executed that the variable says, and each fetch gets the variables that it uses', async () => {
  const node: PlanNode = {
    kind: 'Condition',
    condition: 'more',
    ifClause: fetchRoot('product', 'LIST', { variableUsages: ['first', 'absent'] }),
    elseClause: fetchRoot('order', 'OTHER'),
  };
  const answers = { LIST: { data: {} }, OTHER: { data: {} } };
  expect((await run(node, answers, { more: true, first: 2 })).sent).toEqual([
    { subgraph: 'product', query: 'LIST', variables: { first: 2 }, isQuery: true },
  ]);
  expect((await run(node, answers, { more: false })).sent).toMatchObject([{ subgraph: 'order', query: 'OTHER' }]);
});

it('names that differ between types are changed back, also of null, 0 and an empty text', async () => {
  const outputRewrites = [
    { kind: 'KeyRenamer', path: ['products', '... on Book', 'name__alias_0'], renameKeyTo: 'name' },
  ];
  const products = [
    book('1', { name__alias_0: '' }),
    book('2', { name__alias_0: null }),
    { __typename: 'Film', name: 'x' },
  ];
  const { data } = await run(fetchRoot('product', 'LIST', { outputRewrites }), { LIST: { data: { products } } });
  expect(data).toEqual({
    products: [book('1', { name: '' }), book('2', { name: null }), { __typename: 'Film', name: 'x' }],
  });
});

it('an entity that another subgraph knows by an interface is asked for as that', async () => {
  const inputRewrites = [{ kind: 'ValueSetter', path: ['... on Book', '__typename'], setValueTo: 'Media' }];
  const node = sequence(LIST, at(['products', '@'], fetchEntities('order', 'MORE', 'Media', { inputRewrites })));
  const { sent, data } = await run(node, {
    LIST: { data: { products: [book('1')] } },
    MORE: { data: { _entities: [{ units: 1 }] } },
  });
  expect(sent[1]?.variables.representations).toEqual([{ __typename: 'Media', id: '1' }]);
  expect(data.products).toEqual([book('1', { units: 1 })]);
});
