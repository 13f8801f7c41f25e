import { asOwner } from '../../shared/test/asOwner';
import { startBulkWork } from './test/bulkWork';

let imports: Awaited<ReturnType<typeof startBulkWork>>;
beforeAll(async () => {
  imports = await startBulkWork();
});
afterAll(() => imports?.close());

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const variant = (sku: string, size: string, changes: object = {}) => ({
  sku,
  price: usd('10.00'),
  compareAtPrice: usd('12.00'),
  barcode: '123',
  optionValues: [{ option: 'Size', value: size }],
  quantityOnHand: 3,
  ...changes,
});
const SHIRT = {
  externalReference: 'shirt',
  name: 'Shirt',
  slug: 'shirt',
  vendor: 'Nike',
  tags: ['a', 'b'],
  status: 'ACTIVE',
  categories: ['shirts', 'sale'],
  options: [{ name: 'Size', values: ['S', 'M'] }],
  variants: [variant('S', 'S'), variant('M', 'M')],
};
const CAP = { externalReference: 'cap', name: 'Cap', variants: [{ sku: 'CAP', price: usd('5') }] };

const store = async () => {
  const tenantId = await imports.makeStore(['shirts', 'sale']);
  const send = (...records: object[]) =>
    imports.importText(tenantId, records.map((record) => JSON.stringify(record)).join('\n'));
  const versions = () =>
    asOwner(
      imports.ownerUrl,
      tenantId,
      `SELECT external_reference AS is, version, (SELECT count(*)::int FROM outbox_events WHERE aggregate_id = p.id) AS events
       FROM products p ORDER BY 1`,
    );
  return { send, versions };
};

it('importing the same file again makes no new versions and no events; fields that it leaves out stay unchanged', async () => {
  const { send, versions } = await store();
  expect(await send(SHIRT, CAP)).toMatchObject({ created: 2, updated: 0, failed: 0 });
  const before = await versions();
  const { vendor: _, categories: __, ...less } = SHIRT;
  for (const file of [[SHIRT, CAP], [CAP, { ...SHIRT, categories: ['sale', 'shirts'] }], [less]]) {
    expect(await send(...file)).toMatchObject({ created: 0, updated: 0, unchanged: file.length, failed: 0 });
    expect(await versions()).toEqual(before);
  }
});

it.each<[string, object]>([
  ['a word', { vendor: 'Adidas' }],
  ['the tags', { tags: ['b', 'a'] }],
  ['a category less', { categories: ['sale'] }],
  ['the slug', { slug: 'other' }],
  ['the status', { status: 'ARCHIVED' }],
  ['a price', { variants: [variant('S', 'S', { price: usd('11.00') }), variant('M', 'M')] }],
  ['a barcode that is gone', { variants: [variant('S', 'S', { barcode: null }), variant('M', 'M')] }],
  ['the variants’ order', { variants: [variant('M', 'M'), variant('S', 'S')] }],
  ['a variant less', { variants: [variant('S', 'S')] }],
  ['exchanged values', { variants: [variant('S', 'M'), variant('M', 'S')] }],
  ['one more value to choose', { options: [{ name: 'Size', values: ['S', 'M', 'L'] }] }],
])('%s is a change of that product alone', async (_what, change) => {
  const { send, versions } = await store();
  await send(SHIRT, CAP);
  expect(await send({ ...SHIRT, ...change }, CAP)).toMatchObject({ updated: 1, unchanged: 1, failed: 0 });
  expect(await versions()).toMatchObject([
    { is: 'cap', version: 1 },
    { is: 'shirt', version: 2 },
  ]);
});
