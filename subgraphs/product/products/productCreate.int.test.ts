import { admin, customer, freshTenantId, member, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { makeProduct, productCreate, productInput } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const userErrorsOf = async (changes: Record<string, unknown>) => {
  const { data, errors } = await productCreate(product, admin(freshTenantId()), changes);
  if (errors) throw new Error(JSON.stringify(errors));
  expect(data.productCreate.product).toBeNull();
  return data.productCreate.userErrors.map(
    ({ field, code }: { field: string[]; code: string }) => `${field.join('.')} ${code}`,
  );
};

const variant = (changes: Record<string, unknown> = {}) => ({ ...productInput().variants[0], ...changes });

describe('productCreate', () => {
  it.each([
    ['a visitor', visitor],
    ['a customer', customer],
  ])('is refused to %s', async (_who, caller) => {
    const { errors } = await productCreate(product, caller(freshTenantId()));
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
  });

  it('returns all errors together, each with its path', async () => {
    const faults = await userErrorsOf({
      name: ' ',
      slug: 'Not A Slug',
      images: [{ url: 'javascript:alert(1)' }],
      variants: [variant({ sku: '' }), variant({ quantityOnHand: -1 })],
    });
    expect(faults).toEqual([
      'input.name REQUIRED',
      'input.slug INVALID',
      'input.variants.0.sku REQUIRED',
      'input.variants.1.quantityOnHand INVALID',
      'input.variants.1.optionValues INVALID',
      'input.images.0.url INVALID',
    ]);
  });

  it('returns a list that is too short together with other errors', async () => {
    const options = [{ name: 'Size', values: ['S', 'S'] }];
    expect(await userErrorsOf({ options, variants: [] })).toEqual([
      'input.variants REQUIRED',
      'input.options.0.values.1 INVALID',
    ]);
  });

  it('is refused without a variant, with a repeated SKU, and with two currencies', async () => {
    expect(await userErrorsOf({ variants: [] })).toEqual(['input.variants REQUIRED']);
    const options = [{ name: 'Size', values: ['S', 'M'] }];
    const sized = (sku: string, value: string, currencyCode = 'USD') =>
      variant({ sku, optionValues: [{ option: 'Size', value }], price: { amount: '1', currencyCode } });
    expect(await userErrorsOf({ options, variants: [sized('A', 'S'), sized('A', 'M')] })).toEqual([
      'input.variants.1.sku INVALID',
    ]);
    expect(await userErrorsOf({ options, variants: [sized('A', 'S'), sized('B', 'S')] })).toEqual([
      'input.variants.1.optionValues INVALID',
    ]);
    expect(await userErrorsOf({ options, variants: [sized('A', 'S'), sized('B', 'M', 'JPY')] })).toEqual([
      'input.variants.1.price.currencyCode INVALID',
    ]);
    expect(await userErrorsOf({ options, variants: [sized('A', 'XL')] })).toEqual([
      'input.variants.0.optionValues INVALID',
    ]);
  });

  it.each(['-1', '0.001', '1e308', 'NaN', '99999999999999999'])(
    'answers BAD_USER_INPUT to the price %s',
    async (amount) => {
      const { errors } = await productCreate(product, admin(freshTenantId()), {
        variants: [variant({ price: { amount, currencyCode: 'USD' } })],
      });
      expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    },
  );

  it('answers BAD_USER_INPUT, and no server error, to a NUL in a text', async () => {
    const { errors } = await productCreate(product, admin(freshTenantId()), { name: 'a\u0000b' });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it('answers TAKEN for the store’s own slug or SKU, and keeps nothing of the refused product', async () => {
    const staff = admin(freshTenantId());
    const made = await makeProduct(product, staff);
    const bySlug = await productCreate(product, staff, { slug: made.slug });
    expect(bySlug.data.productCreate.userErrors).toMatchObject([{ field: ['input', 'slug'], code: 'TAKEN' }]);
    const bySku = await productCreate(product, staff, { variants: [variant({ sku: made.sku })] });
    expect(bySku.data.productCreate.userErrors).toMatchObject([
      { field: ['input', 'variants', '0', 'sku'], code: 'TAKEN' },
    ]);
    const { data } = await product.ask(staff, '{ products { totalCount } }');
    expect(data.products.totalCount).toBe(1);
  });

  it('makes a slug from the name, and another one when that is taken', async () => {
    const staff = member(freshTenantId());
    const first = await makeProduct(product, staff, { name: 'Air Max' });
    const second = await makeProduct(product, staff, { name: 'Air Max' });
    expect(first.slug).toBe('air-max');
    expect(second.slug).toMatch(/^air-max-[a-z0-9]{6}$/);
  });

  it('answers NOT_FOUND for an unknown category, with its path', async () => {
    const { data } = await productCreate(product, admin(freshTenantId()), { categoryIds: ['cat_none'] });
    expect(data.productCreate.userErrors).toMatchObject([{ field: ['input', 'categoryIds', '0'], code: 'NOT_FOUND' }]);
  });

  it('keeps options, variants, images, categories and prices as given', async () => {
    const staff = admin(freshTenantId());
    const category = await product.ask(
      staff,
      'mutation { categoryCreate(input: { name: "Shoes" }) { category { id } } }',
    );
    const made = await makeProduct(product, staff, {
      description: 'Soft.',
      categoryIds: [category.data.categoryCreate.category.id],
      options: [{ name: 'Size', values: ['41', '42'] }],
      images: [{ url: 'https://images.example.com/1.jpg', altText: 'A shoe' }],
      variants: [
        variant({
          sku: 'S41',
          optionValues: [{ option: 'Size', value: '41' }],
          price: { amount: '99.5', currencyCode: 'USD' },
        }),
        variant({ sku: 'S42', optionValues: [{ option: 'Size', value: '42' }], quantityOnHand: 3 }),
      ],
    });
    const { data } = await product.ask(
      staff,
      `query ($id: ID!) { product(id: $id) {
        description status version tenant { id } options { name values } images { url altText } categories { name slug parent { id } }
        priceRange { min { amount } max { amount currencyCode } }
        variants { nodes { sku price { amount } optionValues { option value } availableForSale quantityAvailable quantityOnHand product { id } } }
      } }`,
      { id: made.id },
    );
    expect(data.product).toEqual({
      description: 'Soft.',
      status: 'ACTIVE',
      version: 1,
      tenant: { id: staff.tenantId },
      options: [{ name: 'Size', values: ['41', '42'] }],
      images: [{ url: 'https://images.example.com/1.jpg', altText: 'A shoe' }],
      categories: [{ name: 'Shoes', slug: 'shoes', parent: null }],
      priceRange: { min: { amount: '99.50' }, max: { amount: '150.00', currencyCode: 'USD' } },
      variants: {
        nodes: [
          expect.objectContaining({
            sku: 'S41',
            price: { amount: '99.50' },
            quantityAvailable: 10,
            product: { id: made.id },
          }),
          expect.objectContaining({ sku: 'S42', optionValues: [{ option: 'Size', value: '42' }], quantityOnHand: 3 }),
        ],
      },
    });
  });
});

describe('products', () => {
  it('shows visitors and customers only products on sale, on every path, and staff all', async () => {
    const tenantId = freshTenantId();
    const draft = await makeProduct(product, admin(tenantId), { status: 'DRAFT' });
    const active = await makeProduct(product, admin(tenantId));
    const query = `query ($id: ID!, $slug: String!, $variantId: ID!, $sku: String!, $refs: [_Any!]!) {
      products(where: { statuses: [DRAFT, ACTIVE] }) { nodes { id } totalCount }
      byId: product(id: $id) { id } bySlug: product(slug: $slug) { id }
      variant: productVariant(id: $variantId) { id } bySku: productVariant(sku: $sku) { id }
      _entities(representations: $refs) { ... on Product { id } ... on ProductVariant { id } }
    }`;
    const refs = [
      { __typename: 'Product', id: draft.id },
      { __typename: 'ProductVariant', id: draft.variantId },
      { __typename: 'Product', id: active.id },
    ];
    for (const caller of [visitor(tenantId), customer(tenantId)]) {
      const { data, errors } = await product.ask(caller, query, { ...draft, refs });
      expect(errors).toBeUndefined();
      expect(data).toEqual({
        products: { nodes: [{ id: active.id }], totalCount: 1 },
        byId: null,
        bySlug: null,
        variant: null,
        bySku: null,
        _entities: [null, null, { id: active.id }],
      });
    }
    const { data } = await product.ask(member(tenantId), query, { ...draft, refs });
    expect(data.products.totalCount).toBe(2);
    expect(data._entities.map((entity: { id: string }) => entity.id)).toEqual([draft.id, draft.variantId, active.id]);
  });

  it('hides the stock on hand from all but staff', async () => {
    const tenantId = freshTenantId();
    const made = await makeProduct(product, admin(tenantId));
    const query = 'query ($id: ID!) { productVariant(id: $id) { quantityOnHand } }';
    const { errors } = await product.ask(customer(tenantId), query, { id: made.variantId });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const { data } = await product.ask(member(tenantId), query, { id: made.variantId });
    expect(data.productVariant.quantityOnHand).toBe(10);
  });

  it('pages forwards and backwards through all rows without repeats, while rows are added', async () => {
    const staff = admin(freshTenantId());
    for (const letter of 'cabed') await makeProduct(product, staff, { name: `Shoe ${letter}` });
    const query = `query ($first: Int, $after: String, $last: Int, $before: String) {
      products(first: $first, after: $after, last: $last, before: $before, sortKey: NAME) {
        nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      } }`;
    const page = async (args: Record<string, unknown>) => (await product.ask(staff, query, args)).data.products;
    const names = ({ nodes }: { nodes: { name: string }[] }) => nodes.map(({ name }) => name.at(-1)).join('');

    const first = await page({ first: 2 });
    expect([names(first), first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage]).toEqual(['ab', true, false]);
    await makeProduct(product, staff, { name: 'Shoe aa' });
    const second = await page({ first: 2, after: first.pageInfo.endCursor });
    expect(names(second)).toBe('cd');
    const third = await page({ first: 2, after: second.pageInfo.endCursor });
    expect([names(third), third.pageInfo.hasNextPage]).toEqual(['e', false]);
    const back = await page({ last: 2, before: third.pageInfo.startCursor });
    expect([names(back), back.pageInfo.hasPreviousPage]).toEqual(['cd', true]);
    expect(names(await page({ last: 2 }))).toBe('de');
  });

  it.each(['first: 0', 'first: 101', 'first: 1, last: 1', 'after: "x"'])(
    'answers BAD_USER_INPUT to (%s)',
    async (args) => {
      const { errors } = await product.ask(admin(freshTenantId()), `{ products(${args}) { nodes { id } } }`);
      expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    },
  );
});

describe('categories', () => {
  it('lists the tree, parents first, and refuses an unknown parent', async () => {
    const staff = admin(freshTenantId());
    const create = async (name: string, parentId: string | null) => {
      const query =
        'mutation ($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id } userErrors { field code } } }';
      return (await product.ask(staff, query, { input: { name, parentId } })).data.categoryCreate;
    };
    const shoes = await create('Shoes', null);
    await create('Apparel', null);
    await create('Running', shoes.category.id);
    const { data } = await product.ask(staff, '{ categories { name parent { name } } }');
    expect(data.categories).toEqual([
      { name: 'Shoes', parent: null },
      { name: 'Running', parent: { name: 'Shoes' } },
      { name: 'Apparel', parent: null },
    ]);
    expect(await create('Lost', 'cat_none')).toEqual({
      category: null,
      userErrors: [{ field: ['input', 'parentId'], code: 'NOT_FOUND' }],
    });
  });
});
