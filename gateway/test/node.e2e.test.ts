import { typeidUnboxed } from 'typeid-js';
import { type FullStore, makeFullStore } from './isolation/stores';
import { TestSupergraph } from './startSupergraph';

const NODE = `query ($id: ID!) { node(id: $id) { __typename id
  ... on Product { name variants(first: 1) { nodes { sku } } } ... on ProductVariant { sku } ... on Category { slug }
  ... on Order { number } ... on Cart { lines { quantity } } ... on Customer { email } ... on Discount { code }
  ... on ShippingRate { name } ... on ShippingZone { rates { name } } ... on TaxRate { name } ... on PaymentMethod { instructions } ... on GiftCard { note } ... on CheckoutHook { url }
  ... on Tenant { slug } ... on WebhookSubscription { url } } }`;
const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Product { slug } } }';

/** The kinds of ids that node finds something by, each with the type. */
const TYPES = {
  prod: 'Product',
  pvar: 'ProductVariant',
  cat: 'Category',
  ord: 'Order',
  cart: 'Cart',
  cust: 'Customer',
  disc: 'Discount',
  srat: 'ShippingRate',
  szon: 'ShippingZone',
  trat: 'TaxRate',
  pmth: 'PaymentMethod',
  gift: 'GiftCard',
  hook: 'CheckoutHook',
  whk: 'WebhookSubscription',
  org: 'Tenant',
};
type Kind = keyof typeof TYPES;
const kinds = Object.keys(TYPES) as Kind[];
const FOR_STAFF: Kind[] = ['cust', 'disc', 'srat', 'szon', 'trat', 'pmth', 'gift', 'hook', 'whk'];

let graph: TestSupergraph;
let mine: FullStore;
let theirs: FullStore;
beforeAll(async () => {
  graph = await TestSupergraph.start();
  mine = await makeFullStore(graph, 'mine', 3_000);
  theirs = await makeFullStore(graph, 'theirs', 4_000);
}, 120_000);
afterAll(() => graph?.stop());

const nobodys = (kind: Kind) => (kind === 'org' ? 'org_nobody' : typeidUnboxed(kind));
const ask = async (headers: Record<string, string>, id: unknown) => {
  const { body } = await graph.ask(headers, NODE, { id });
  return { node: body.data?.node, errors: body.errors };
};

describe('node', () => {
  it.each(kinds)('another store’s %s is null, like one that nobody has', async (kind) => {
    for (const id of [theirs.names[kind], nobodys(kind)]) {
      expect([id, await ask(mine.store.admin, id)]).toEqual([id, { node: null, errors: undefined }]);
    }
  });

  it.each(['', 'prod', '_', 'x_1', 'prod_', 'toString_1', '__proto__', 'evt_1', 'file_1'])(
    'an id that is none, %j, is null',
    async (id) => {
      expect(await ask(mine.store.admin, id)).toEqual({ node: null, errors: undefined });
    },
  );

  it.each(FOR_STAFF)('%s, which is for staff, is null for visitors and customers', async (kind) => {
    for (const headers of [mine.store.visitor, mine.store.customer('user_ada')]) {
      expect(await ask(headers, mine.names[kind])).toEqual({ node: null, errors: undefined });
    }
  });

  it('another customer’s order and cart are null', async () => {
    for (const kind of ['ord', 'cart'] as const) {
      expect(await ask(mine.store.customer('user_bob'), mine.names[kind])).toEqual({ node: null, errors: undefined });
    }
  });

  it.each(kinds)('finds the store’s own %s with its fields, from the service that has it', async (kind) => {
    const headers = kind === 'cart' ? mine.store.customer('user_ada') : mine.store.admin;
    const { node, errors } = await ask(headers, mine.names[kind]);
    expect(errors).toBeUndefined();
    expect(node).toMatchObject({ __typename: TYPES[kind], id: mine.names[kind] });
    expect(Object.values(node).filter((value) => value === null)).toEqual([]);
    expect(Object.keys(node).length).toBeGreaterThan(2);
  });
});

describe('nodes', () => {
  it('keep their places: of several types, twice, and with null for what is another store’s or nobody’s', async () => {
    const { prod, ord, org } = mine.names;
    const ids = [ord, theirs.names.prod, prod, org, nobodys('prod'), prod, theirs.names.org];
    const { body } = await graph.ask(mine.store.admin, NODES, { ids });
    expect(body.errors).toBeUndefined();
    const product = { __typename: 'Product', id: prod, slug: mine.names.productSlug };
    const [order, tenant] = [
      { __typename: 'Order', id: ord },
      { __typename: 'Tenant', id: org },
    ];
    expect(body.data.nodes).toEqual([order, null, product, tenant, null, product, null]);
  });

  it('are at most 100', async () => {
    const { body } = await graph.ask(mine.store.admin, NODES, { ids: Array(101).fill(mine.names.prod) });
    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});
