import { admin, freshTenantId } from '../../shared/test/askSubgraph';
import { change, faultsOf, makeProduct, productCreate } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const price = { amount: '1.00', currencyCode: 'USD' };
const refused = async (tenantId: string, changes: Record<string, unknown>) => {
  const { data, errors } = await productCreate(product, admin(tenantId), changes);
  if (errors) throw new Error(JSON.stringify(errors));
  return faultsOf(data.productCreate);
};

describe('a SKU', () => {
  it('of white space is none', async () => {
    expect(await refused(freshTenantId(), { variants: [{ sku: '   ', price }] })).toEqual([
      'input.variants.0.sku REQUIRED',
    ]);
  });

  it('with a control character is refused', async () => {
    expect(await refused(freshTenantId(), { variants: [{ sku: 'A\u0007', price }] })).toEqual([
      'input.variants.0.sku INVALID',
    ]);
    expect(await refused(freshTenantId(), { variants: [{ sku: 'A\nB', price }] })).toEqual([
      'input.variants.0.sku INVALID',
    ]);
  });

  it('is the same with white space around it, and with its letters composed or not', async () => {
    const tenantId = freshTenantId();
    const { sku } = await makeProduct(product, admin(tenantId), { variants: [{ sku: ' Dup-é ', price }] });
    expect(sku).toBe('Dup-é');
    for (const again of ['Dup-é', 'Dup-e\u0301', 'Dup-é ', '\tDup-é']) {
      expect(await refused(tenantId, { variants: [{ sku: again, price }] })).toEqual(['input.variants.0.sku TAKEN']);
    }
    const ask = 'query ($sku: String) { productVariant(sku: $sku) { sku } }';
    const { data } = await product.ask(admin(tenantId), ask, { sku: ' Dup-e\u0301' });
    expect(data.productVariant).toEqual({ sku: 'Dup-é' });
  });
});

describe('an option', () => {
  const sized = (...values: string[]) =>
    values.map((value, n) => ({ sku: `S${n}`, price, optionValues: [{ option: 'Size', value }] }));

  it('is refused beside one that differs in case, in white space or in how its letters are composed', async () => {
    for (const [one, other] of [
      ['Size', 'size'],
      ['Size', 'Size '],
      ['Größe', 'Gro\u0308ße'],
    ]) {
      const options = [
        { name: one, values: ['S'] },
        { name: other, values: ['S'] },
      ];
      const faults = await refused(freshTenantId(), { options, variants: sized('S') });
      expect(faults).toContain('input.options.1.name INVALID');
    }
  });

  it('has a value twice at the place of the second', async () => {
    const options = [{ name: 'Size', values: ['S', 'M', ' S'] }];
    expect(await refused(freshTenantId(), { options, variants: sized('S') })).toEqual([
      'input.options.0.values.2 INVALID',
    ]);
  });

  it('that is added names the place of what is wrong, also beside one that differs in case', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId), {
      options: [{ name: 'Size', values: ['S'] }],
      variants: sized('S '),
    });
    const args = { productId: 'ID!', input: 'ProductOptionCreateInput!' };
    const add = (input: object) =>
      change(product, admin(tenantId), 'productOptionCreate', args, { productId: id, input }, 'product { id }');
    expect(faultsOf(await add({ name: 'SIZE', values: ['A', 'A '] }))).toEqual([
      'input.name TAKEN',
      'input.values.1 INVALID',
    ]);
    const update = { productId: 'ID!', option: 'String!', input: 'ProductOptionUpdateInput!' };
    const values = [{ value: 'S' }, { value: 'S ' }];
    const variables = { productId: id, option: ' Size', input: { values } };
    const changed = await change(product, admin(tenantId), 'productOptionUpdate', update, variables, 'product { id }');
    expect(faultsOf(changed)).toEqual(['input.values.1.value INVALID']);
  });
});

it('what a form left empty is as if it was left out', async () => {
  const tenantId = freshTenantId();
  const { id, slug } = await makeProduct(product, admin(tenantId), {
    name: 'Air Max',
    slug: '',
    externalReference: ' ',
    variants: [{ sku: 'A', price, barcode: '' }],
  });
  expect(slug).toBe('air-max');
  const query = 'query ($id: ID!) { product(id: $id) { externalReference variants { nodes { barcode } } } }';
  const { data } = await product.ask(admin(tenantId), query, { id });
  expect(data.product).toEqual({ externalReference: null, variants: { nodes: [{ barcode: null }] } });
});
