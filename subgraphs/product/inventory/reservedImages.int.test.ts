import { admin, freshTenantId, service } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { makeProduct } from '../test/factories';
import { png, startWithImages } from '../test/startWithImages';

let product: Awaited<ReturnType<typeof startWithImages>>;
beforeAll(async () => {
  product = await startWithImages();
});
afterAll(() => product?.close());

const RESERVE = `mutation ($orderId: ID!, $lines: [StockReserveLine!]!) { stockReserve(orderId: $orderId, lines: $lines) {
  lines { optionValues { option value } image { url altText } } userErrors { code } } }`;

async function reserve(tenantId: string, variantId: string, orderId = 'ord_1') {
  const variables = { orderId, lines: [{ variantId, quantity: 1 }] };
  return (await product.ask(service(tenantId), RESERVE, variables)).data.stockReserve.lines[0];
}

/** The statuses of the files that are still there. */
const statusesOf = async (tenantId: string, ids: string[]) => {
  const sql = `SELECT id, status::text FROM media_files WHERE id = ANY ($1) AND status <> 'REMOVED'`;
  return asOwner<{ id: string; status: string }>(product.ownerUrl, tenantId, sql, [ids]);
};

const price = { amount: '150', currencyCode: 'USD' };

describe('a reserved line', () => {
  it('has the option values of its variant, and its image or else the first of its product, also in a repeat', async () => {
    const tenantId = freshTenantId();
    const optionValues = [
      { option: 'Color', value: 'Black' },
      { option: 'Size', value: '42' },
    ];
    const { id, variantId } = await makeProduct(product, admin(tenantId), {
      options: [
        { name: 'Color', values: ['Black'] },
        { name: 'Size', values: ['42'] },
      ],
      variants: [{ sku: 'A', price, quantityOnHand: 10, optionValues }],
    });
    expect(await reserve(tenantId, variantId, 'ord_0')).toEqual({ optionValues, image: null });
    await product.addElsewhere(tenantId, id, { altText: 'First' });
    const first = { url: 'https://images.example.com/a.jpg', altText: 'First' };
    expect(await reserve(tenantId, variantId)).toEqual({ optionValues, image: first });
    const own = { url: 'https://images.example.com/own.jpg', variantIds: [variantId] };
    await product.add(tenantId, id, own);
    expect(await reserve(tenantId, variantId)).toEqual({ optionValues, image: first });
    expect(await reserve(tenantId, variantId, 'ord_2')).toEqual({
      optionValues,
      image: { url: own.url, altText: null },
    });
  });

  it('keeps the address of its image when the product is deleted; other images are deleted with it', async () => {
    const tenantId = freshTenantId();
    const { id, variantId } = await makeProduct(product, admin(tenantId));
    const files = [await product.upload(tenantId, await png(8, 8)), await product.upload(tenantId, await png(8, 8))];
    for (const stagedUploadId of files) await product.add(tenantId, id, { stagedUploadId });
    const { image } = await reserve(tenantId, variantId);
    await product.ask(service(tenantId), 'mutation { stockRelease(orderId: "ord_1") { changed } }');
    const { data } = await product.ask(
      admin(tenantId),
      'mutation ($id: ID!) { productDelete(id: $id) { userErrors { code } } }',
      { id },
    );
    expect(data.productDelete.userErrors).toEqual([]);
    expect(await statusesOf(tenantId, files)).toEqual([{ id: files[0], status: 'ATTACHED' }]);
    expect((await fetch(product.atSubgraph(image.url))).status).toBe(200);
  });
});
