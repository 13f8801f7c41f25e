import { type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;
let store: TestStore;

beforeAll(async () => {
  graph = await TestSupergraph.start();
  store = await graph.makeStore('fields');
  const create = `mutation { productCreate(input: { name: "Shoe", status: ACTIVE, variants: [
    { sku: "SHOE-40", price: { amount: "5.00", currencyCode: USD } }] }) { userErrors { field code message } } }`;
  const { body } = await graph.ask(store.admin, create);
  expect(body).toEqual({ data: { productCreate: { userErrors: [] } } });
});
afterAll(() => graph?.stop());

const codesOf = (errors: { path: unknown[]; extensions: { code: string } }[] = []) =>
  errors.map(({ path, extensions }) => `${path.join('.')} ${extensions.code}`);

const QUERY = `{
  products { nodes { name externalReference variants(first: 1) { nodes {
    sku quantityOnHand unitCost { amount } stockMovements(first: 1) { nodes { id } } } } } }
  currentTenant { slug plan { name } members { nodes { role } } domains { host } impersonatedActions { nodes { mutation } } }
  orders { nodes { id } }
  webhookSubscriptions { nodes { id } }
}`;

describe('what the role does not allow', () => {
  it.each([
    ['a visitor, who may sign in', () => store.visitor, 'UNAUTHENTICATED'],
    ['a customer, who is signed in', () => store.customer(), 'FORBIDDEN'],
  ])('is null for %s, and all beside it is answered', async (_who, headers, code) => {
    const { status, body } = await graph.ask(headers(), QUERY);
    expect(status).toBe(200);
    expect(body.data).toEqual({
      products: {
        nodes: [
          {
            name: 'Shoe',
            externalReference: null,
            variants: { nodes: [{ sku: 'SHOE-40', quantityOnHand: null, unitCost: null, stockMovements: null }] },
          },
        ],
      },
      currentTenant: { slug: store.slug, plan: null, members: null, domains: null, impersonatedActions: null },
      orders: null,
      webhookSubscriptions: null,
    });
    expect(codesOf(body.errors).sort()).toEqual(
      [
        'currentTenant.domains',
        'currentTenant.impersonatedActions',
        'currentTenant.members',
        'currentTenant.plan',
        'orders',
        'products.nodes.0.externalReference',
        'products.nodes.0.variants.nodes.0.quantityOnHand',
        'products.nodes.0.variants.nodes.0.stockMovements',
        'products.nodes.0.variants.nodes.0.unitCost',
        'webhookSubscriptions',
      ].map((path) => `${path} ${code}`),
    );
  });

  it('is null among the mutations of a request, and the others have their answers', async () => {
    const mutation = `mutation {
      cartCreate(input: {}) { cart { id } userErrors { code } }
      categoryCreate(input: { name: "Mine" }) { userErrors { code } }
    }`;
    const { body } = await graph.ask(store.visitor, mutation);
    expect(body.data).toEqual({
      cartCreate: { cart: { id: expect.stringMatching(/^cart_/) }, userErrors: [] },
      categoryCreate: null,
    });
    expect(codesOf(body.errors)).toEqual(['categoryCreate UNAUTHENTICATED']);
  });
});
