import { admin, freshTenantId } from '../../shared/test/askSubgraph';
import { change, faultsOf } from '../test/factories';
import { png, startWithImages } from '../test/startWithImages';
import { bulkJobs, jsonLines } from './test/bulkJobs';

let product: Awaited<ReturnType<typeof startWithImages>>;
let bulk: ReturnType<typeof bulkJobs>;
beforeAll(async () => {
  product = await startWithImages();
  bulk = bulkJobs(product);
});
afterAll(() => product?.close());

const address = 'https://images.example.com/a.jpg';
const price = { amount: '10.00', currencyCode: 'USD' };

/** A product with an uploaded image, which its variant shows, behind one at an address. */
async function makeStore() {
  const tenantId = freshTenantId();
  const input = {
    name: 'Cap',
    externalReference: 'cap',
    variants: [{ sku: 'CAP', price }],
    images: [{ url: address }],
  };
  const made = await change(
    product,
    admin(tenantId),
    'productCreate',
    { input: 'ProductCreateInput!' },
    { input },
    'product { id variants { nodes { id } } }',
  );
  expect(faultsOf(made)).toEqual([]);
  const { id, variants } = made.product;
  const stagedUploadId = await product.upload(tenantId, await png(20, 20));
  const { productImage: image } = await product.add(tenantId, id, {
    stagedUploadId,
    altText: 'Worn',
    variantIds: [variants.nodes[0].id],
  });
  return { tenantId, imageId: image.id as string };
}

it.each(['CSV', 'JSONL'] as const)(
  'an export as %s names an uploaded image by its id, and its store keeps it',
  async (format) => {
    const { tenantId, imageId } = await makeStore();
    const text = await bulk.exportText(tenantId, format);
    expect(text).toContain(imageId);
    expect(await bulk.importText(tenantId, text, 'REJECT_EVERYTHING', format)).toMatchObject({
      unchanged: 1,
      failed: 0,
    });
    const swapped =
      format === 'CSV'
        ? `external_reference,sku,price,currency,image_urls\ncap,CAP,10.00,USD,${imageId};${address}\n`
        : jsonLines({ externalReference: 'cap', images: [{ id: imageId }, { url: address }] });
    expect(await bulk.importText(tenantId, swapped, 'REJECT_EVERYTHING', format)).toMatchObject({
      updated: 1,
      failed: 0,
    });
    const { images, variants } = JSON.parse(await bulk.exportText(tenantId, 'JSONL'));
    expect(images).toEqual([
      { id: imageId, altText: 'Worn' },
      { url: address, altText: null },
    ]);
    expect(variants).toMatchObject([{ imagePosition: 0 }]);
    expect(await product.filesOf(tenantId)).toContainEqual(expect.stringContaining('image'));
  },
);

it.each(['REJECT_EVERYTHING', 'IGNORE_FAILED'] as const)(
  'another store has no such image, and gets NOT_FOUND (%s)',
  async (policy) => {
    const { tenantId } = await makeStore();
    const text = await bulk.exportText(tenantId, 'CSV');
    for (const other of [freshTenantId(), (await makeStore()).tenantId]) {
      expect(await bulk.importText(other, text, policy, 'CSV')).toMatchObject({
        created: 0,
        updated: 0,
        failed: 1,
        errors: [{ line: 2, column: 'image_urls', field: ['images', '1', 'id'], code: 'NOT_FOUND' }],
      });
    }
  },
);
