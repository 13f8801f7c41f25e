import sharp from 'sharp';
import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { makeProduct } from '../test/factories';
import { png, startWithImages } from '../test/startWithImages';

let product: Awaited<ReturnType<typeof startWithImages>>;
beforeAll(async () => {
  product = await startWithImages();
});
afterAll(() => product?.close());

const featured = async (tenantId: string, id: string, fields: string) => {
  const query = `query ($id: ID!) { product(id: $id) { featuredImage { ${fields} } } }`;
  return product.ask(visitor(tenantId), query, { id });
};

it('says the size that an image has by its transform, which is the size of the file', async () => {
  const tenantId = freshTenantId();
  const { id } = await makeProduct(product, admin(tenantId));
  await product.add(tenantId, id, { stagedUploadId: await product.upload(tenantId, await png(1200, 801)) });
  const box = 'transform: { maxWidth: 300 }';
  const { data } = await featured(tenantId, id, `url(${box}) width(${box}) height(${box}) full: width`);
  const { url, ...told } = data.product.featuredImage;
  expect(told).toEqual({ width: 240, height: 160, full: 1200 });
  const file = await sharp(Buffer.from(await (await fetch(product.atSubgraph(url))).arrayBuffer())).metadata();
  expect([file.width, file.height]).toEqual([told.width, told.height]);
});

it('a wrong transform takes nothing else away', async () => {
  const tenantId = freshTenantId();
  const { id } = await makeProduct(product, admin(tenantId));
  await product.addElsewhere(tenantId, id);
  const { data, errors } = await featured(tenantId, id, 'url wrong: url(transform: { maxWidth: 0 }) width altText');
  expect(data.product.featuredImage).toEqual({
    url: 'https://images.example.com/a.jpg',
    wrong: null,
    width: null,
    altText: null,
  });
  expect(errors).toMatchObject([
    { path: ['product', 'featuredImage', 'wrong'], extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});
