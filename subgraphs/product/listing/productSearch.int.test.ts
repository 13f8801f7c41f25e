import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const price = { amount: '1.00', currencyCode: 'USD' };
const make = (tenantId: string, name: string, variant: object = {}) =>
  makeProduct(product, admin(tenantId), { name, variants: [{ sku: name, price, ...variant }] });
const found = async (tenantId: string, query: string): Promise<string[]> => {
  const ask = 'query ($query: String) { products(query: $query, sortKey: RELEVANCE) { nodes { name } } }';
  const { data, errors } = await product.ask(visitor(tenantId), ask, { query });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.products.nodes.map(({ name }: { name: string }) => name);
};

it('an SKU is found in any case, and by its beginning', async () => {
  const tenantId = freshTenantId();
  await make(tenantId, 'Chair', { sku: 'QX-77-Blue' });
  await make(tenantId, 'Table', { sku: 'QY-77' });
  for (const query of ['QX-77-Blue', 'qx-77-blue', 'QX-77', 'qx-7', ' Qx-77-BLUE ']) {
    expect([query, await found(tenantId, query)]).toEqual([query, ['Chair']]);
  }
  expect(await found(tenantId, '77-Blue')).not.toContain('Table');
  expect(await found(tenantId, 'QX-77-Red')).toEqual([]);
});

it('the SKU that is the query comes first, then those that begin with it', async () => {
  const tenantId = freshTenantId();
  await make(tenantId, 'Long', { sku: 'AB-10-X' });
  await make(tenantId, 'Exact', { sku: 'ab-10' });
  await make(tenantId, 'AB-10 spare part', { sku: 'ZZ' });
  expect(await found(tenantId, 'AB-10')).toEqual(['Exact', 'Long', 'AB-10 spare part']);
});

it('a barcode is found however it and the query are spaced', async () => {
  const tenantId = freshTenantId();
  await make(tenantId, 'Spaced', { barcode: '4 006381 333931' });
  await make(tenantId, 'Plain', { barcode: '9780306406157' });
  expect(await found(tenantId, '4006381333931')).toEqual(['Spaced']);
  expect(await found(tenantId, '4 006381 333931')).toEqual(['Spaced']);
  expect(await found(tenantId, '978-0-306-40615-7')).toEqual(['Plain']);
});

it('a part of a compound is found, behind the names that begin with it', async () => {
  const tenantId = freshTenantId();
  await make(tenantId, 'Küchenmaschine');
  await make(tenantId, 'Maschine klein');
  await make(tenantId, 'Tisch');
  expect(await found(tenantId, 'Maschine')).toEqual(['Maschine klein', 'Küchenmaschine']);
  expect(await found(tenantId, 'kuchenmasch')).toEqual(['Küchenmaschine']);
  expect(await found(tenantId, 'ma')).toEqual(['Maschine klein']);
});

it.each([
  ['恭喜发财红包封套', ['红包', '封套', '恭喜', '包']],
  ['ノートパソコン', ['パソコン']],
  ['กระเป๋าเดินทาง', ['เดินทาง']],
])('%s, which has no spaces, is found by what is within', async (name, queries) => {
  const tenantId = freshTenantId();
  await make(tenantId, name);
  await make(tenantId, 'Other');
  for (const query of queries) expect([query, await found(tenantId, query)]).toEqual([query, [name]]);
  expect(await found(tenantId, `${queries[0]}xyz`)).toEqual([]);
});

it.each(['%', '_', '%%%', "'", '\\', '& | ! :*', '-', '()'])('%j finds nothing, and is no operator', async (query) => {
  const tenantId = freshTenantId();
  await make(tenantId, 'Chair', { barcode: '-' });
  expect(await found(tenantId, query)).toEqual([]);
});
