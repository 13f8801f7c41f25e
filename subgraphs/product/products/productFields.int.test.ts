import { admin, customer, freshTenantId, member, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { makeProduct, productCreate, productInput } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const userErrorsOf = async (tenantId: string, changes: Record<string, unknown>) => {
  const { data, errors } = await productCreate(product, admin(tenantId), changes);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.productCreate.userErrors.map(
    ({ field, code }: { field: string[]; code: string }) => `${field.join('.')} ${code}`,
  );
};

const variant = (changes: Record<string, unknown> = {}) => ({ ...productInput().variants[0], ...changes });

describe('the fields of a product', () => {
  it('are refused with their paths when they are too long, out of range, or in another currency', async () => {
    expect(
      await userErrorsOf(freshTenantId(), {
        vendor: 'v'.repeat(256),
        productType: 't'.repeat(256),
        tags: ['ok', ' ', 'x'.repeat(65)],
        seo: { title: 's'.repeat(256) },
        externalReference: 'r'.repeat(256),
        publishedAt: '1969-12-31T00:00:00Z',
        metafields: [{ namespace: 'care', key: 'washing', type: 'NUMBER_INTEGER', value: 'cold' }],
        variants: [
          variant({ barcode: 'b'.repeat(65), weightGrams: -1, unitCost: { amount: '1', currencyCode: 'EUR' } }),
        ],
      }),
    ).toEqual([
      'input.vendor INVALID',
      'input.productType INVALID',
      'input.tags.1 REQUIRED',
      'input.tags.2 INVALID',
      'input.seo.title INVALID',
      'input.externalReference INVALID',
      'input.publishedAt INVALID',
      'input.variants.0.barcode INVALID',
      'input.variants.0.weightGrams INVALID',
      'input.variants.0.unitCost.currencyCode INVALID',
      'input.metafields.0.value INVALID',
    ]);
  });

  it('answer TAKEN for a reference that another product of the store has, and not for one of another store', async () => {
    const tenantId = freshTenantId();
    await makeProduct(product, admin(tenantId), { externalReference: 'erp-1' });
    expect(await userErrorsOf(tenantId, { externalReference: 'erp-1' })).toEqual(['input.externalReference TAKEN']);
    expect(await userErrorsOf(freshTenantId(), { externalReference: 'erp-1' })).toEqual([]);
  });

  it('are stored as given', async () => {
    const tenantId = freshTenantId();
    const made = await makeProduct(product, admin(tenantId), {
      vendor: ' Nike ',
      productType: 'Running shoes',
      tags: ['summer', 'road', 'summer '],
      publishedAt: '2020-01-02T03:04:05.678Z',
      seo: { title: 'Buy it', description: 'Now' },
      variants: [
        variant({
          compareAtPrice: { amount: '200', currencyCode: 'USD' },
          unitCost: { amount: '61.5', currencyCode: 'USD' },
          barcode: '4006381333931',
          weightGrams: 900,
        }),
      ],
    });
    const { data } = await product.ask(
      customer(tenantId),
      `query ($id: ID!) { product(id: $id) { vendor productType tags publishedAt seo { title description }
        variants { nodes { compareAtPrice { amount currencyCode } barcode weightGrams position version } } } }`,
      { id: made.id },
    );
    expect(data.product).toEqual({
      vendor: 'Nike',
      productType: 'Running shoes',
      tags: ['summer', 'road'],
      publishedAt: '2020-01-02T03:04:05.678Z',
      seo: { title: 'Buy it', description: 'Now' },
      variants: {
        nodes: [
          {
            compareAtPrice: { amount: '200.00', currencyCode: 'USD' },
            barcode: '4006381333931',
            weightGrams: 900,
            position: 0,
            version: 1,
          },
        ],
      },
    });
  });

  it('hide staff-only fields from visitors and customers', async () => {
    const tenantId = freshTenantId();
    const made = await makeProduct(product, admin(tenantId), {
      externalReference: 'erp-1',
      metafields: [
        { namespace: 'care', key: 'washing', type: 'SINGLE_LINE_TEXT', value: 'cold', isPublic: true },
        { namespace: 'supplier', key: 'margin', type: 'NUMBER_DECIMAL', value: '0.4' },
      ],
      variants: [variant({ unitCost: { amount: '61.5', currencyCode: 'USD' } })],
    });
    const query = `query ($id: ID!) { product(id: $id) {
      externalReference metafields { namespace key type value isPublic } supplier: metafields(namespace: "supplier") { key }
      margin: metafield(namespace: "supplier", key: "margin") { value }
      variants { nodes { unitCost { amount } } } } }`;
    for (const caller of [visitor(tenantId), customer(tenantId)]) {
      const { data, errors } = await product.ask(caller, query, { id: made.id });
      expect(errors?.map(({ path, extensions }) => [path?.at(-1), extensions?.code])).toEqual([
        ['externalReference', refusalOf(caller)],
        ['unitCost', refusalOf(caller)],
      ]);
      expect(data.product).toEqual({
        externalReference: null,
        metafields: [{ namespace: 'care', key: 'washing', type: 'SINGLE_LINE_TEXT', value: 'cold', isPublic: true }],
        supplier: [],
        margin: null,
        variants: { nodes: [{ unitCost: null }] },
      });
    }
    const { data } = await product.ask(member(tenantId), query, { id: made.id });
    expect(data.product).toMatchObject({
      externalReference: 'erp-1',
      metafields: [{ key: 'washing' }, { key: 'margin' }],
      margin: { value: '0.4' },
      variants: { nodes: [{ unitCost: { amount: '61.50' } }] },
    });
  });
});

describe('publication', () => {
  const isSeen = async (tenantId: string, id: string) => {
    const query = 'query ($id: ID!) { product(id: $id) { id } products { totalCount } }';
    const { data } = await product.ask(visitor(tenantId), query, { id });
    expect(data.products.totalCount).toBe(data.product ? 1 : 0);
    return data.product !== null;
  };

  it('of an ACTIVE product is immediate, unless the input has a time or null', async () => {
    const [now, later, never] = [freshTenantId(), freshTenantId(), freshTenantId()];
    expect(await isSeen(now, (await makeProduct(product, admin(now))).id)).toBe(true);
    const future = { publishedAt: new Date(Date.now() + 3_600_000).toISOString() };
    expect(await isSeen(later, (await makeProduct(product, admin(later), future)).id)).toBe(false);
    expect(await isSeen(never, (await makeProduct(product, admin(never), { publishedAt: null })).id)).toBe(false);
  });

  it('happens by itself at its time', async () => {
    const tenantId = freshTenantId();
    const publishedAt = new Date(Date.now() + 3_600_000).toISOString();
    const { id } = await makeProduct(product, admin(tenantId), { publishedAt });
    expect(await isSeen(tenantId, id)).toBe(false);
    await asOwner(product.ownerUrl, tenantId, 'UPDATE products SET published_at = now()');
    expect(await isSeen(tenantId, id)).toBe(true);
  });
});
