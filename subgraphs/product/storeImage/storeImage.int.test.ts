import { admin, customer, freshTenantId, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { makeProduct } from '../test/factories';
import { png, startWithImages } from '../test/startWithImages';

let product: Awaited<ReturnType<typeof startWithImages>>;
beforeAll(async () => {
  product = await startWithImages();
});
afterAll(() => product?.close());

const CREATE = `mutation ($input: StoreImageCreateInput!) { answer: storeImageCreate(input: $input) {
  storeImage { id url width height altText small: url(transform: { maxWidth: 320, format: WEBP }) } userErrors { field code } } }`;
const DELETE =
  'mutation ($id: ID!) { answer: storeImageDelete(id: $id) { deletedStoreImageId userErrors { field code } } }';
const CATEGORY = `mutation ($input: CategoryCreateInput!) { answer: categoryCreate(input: $input) {
  category { id image { id } } userErrors { field code } } }`;
const UPDATE = `mutation ($id: ID!, $input: CategoryUpdateInput!) { answer: categoryUpdate(id: $id, input: $input) {
  category { image { id } } userErrors { field code } } }`;
const SET = `mutation ($swatches: [OptionSwatchInput!]!) { answer: optionSwatchesSet(swatches: $swatches) {
  optionSwatches { option value swatch { color image { id } } } userErrors { field code } } }`;

const ask = async (tenantId: string, query: string, variables: Record<string, unknown>) => {
  const { data, errors } = await product.ask(admin(tenantId), query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.answer;
};

async function upload(tenantId: string, purpose: string) {
  const bytes = await png(40, 20);
  const stage = `mutation ($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) { stagedUploadTargets { id url } } }`;
  const input = [{ purpose, contentType: 'image/png', byteSize: bytes.length }];
  const { data } = await product.ask(admin(tenantId), stage, { input });
  const [{ id, url }] = data.stagedUploadsCreate.stagedUploadTargets;
  await fetch(product.atSubgraph(url), { method: 'PUT', headers: { 'content-type': 'image/png' }, body: bytes });
  return id as string;
}

async function storeImage(tenantId: string): Promise<{ id: string; url: string; small: string }> {
  const input = { stagedUploadId: await upload(tenantId, 'STORE_IMAGE'), altText: 'Logo' };
  return (await ask(tenantId, CREATE, { input })).storeImage;
}

describe('storeImageCreate', () => {
  it('is refused to shoppers', async () => {
    for (const caller of [visitor(freshTenantId()), customer(freshTenantId())]) {
      const { errors } = await product.ask(caller, CREATE, { input: { stagedUploadId: 'file_x' } });
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
  });

  it('is NOT_FOUND for an upload of another store, of another purpose, or that was used', async () => {
    const [tenantId, other] = [freshTenantId(), freshTenantId()];
    const used = await upload(tenantId, 'STORE_IMAGE');
    await ask(tenantId, CREATE, { input: { stagedUploadId: used } });
    for (const stagedUploadId of [await upload(other, 'STORE_IMAGE'), await upload(tenantId, 'PRODUCT_IMAGE'), used]) {
      const { storeImage: made, userErrors } = await ask(tenantId, CREATE, { input: { stagedUploadId } });
      expect([made, userErrors]).toEqual([null, [{ field: ['input', 'stagedUploadId'], code: 'NOT_FOUND' }]]);
    }
  });

  it('keeps an image at an address for good, in every size, such as for a logo', async () => {
    const tenantId = freshTenantId();
    const image = await storeImage(tenantId);
    expect(image).toMatchObject({ id: expect.stringMatching(/^simg_/), width: 40, height: 20, altText: 'Logo' });
    for (const url of [image.url, image.small]) {
      const answer = await fetch(product.atSubgraph(url));
      expect([answer.status, (await answer.arrayBuffer()).byteLength > 0]).toEqual([200, true]);
    }
    const { data } = await product.ask(admin(tenantId), '{ storeImages { totalCount nodes { id } } }');
    expect(data.storeImages).toEqual({ totalCount: 1, nodes: [{ id: image.id }] });
  });
});

describe('a category’s image', () => {
  it('is NOT_FOUND when it is another store’s or none', async () => {
    const tenantId = freshTenantId();
    for (const imageId of [(await storeImage(freshTenantId())).id, 'simg_x']) {
      const { userErrors } = await ask(tenantId, CATEGORY, { input: { name: 'Shoes', imageId } });
      expect(userErrors).toEqual([{ field: ['input', 'imageId'], code: 'NOT_FOUND' }]);
    }
  });

  it('is shown to shoppers, can be taken away, and is IN_USE until then; its file is then swept', async () => {
    const tenantId = freshTenantId();
    const { id: imageId } = await storeImage(tenantId);
    const { category } = await ask(tenantId, CATEGORY, { input: { name: 'Shoes', imageId } });
    const { data } = await product.ask(visitor(tenantId), '{ categories { image { url width } } }');
    expect(data.categories).toEqual([{ image: { url: expect.stringMatching(/^http/), width: 40 } }]);
    expect((await ask(tenantId, DELETE, { id: imageId })).userErrors).toEqual([{ field: ['id'], code: 'IN_USE' }]);
    const { id } = category;
    expect(await ask(tenantId, UPDATE, { id, input: { name: 'Boots' } })).toMatchObject({
      category: { image: { id: imageId } },
    });
    expect(await ask(tenantId, UPDATE, { id, input: { imageId: null } })).toMatchObject({ category: { image: null } });
    expect((await ask(freshTenantId(), DELETE, { id: imageId })).userErrors).toEqual([
      { field: ['id'], code: 'NOT_FOUND' },
    ]);
    expect(await ask(tenantId, DELETE, { id: imageId })).toEqual({ deletedStoreImageId: imageId, userErrors: [] });
    expect(await asOwner(product.ownerUrl, tenantId, 'SELECT status::text FROM media_files')).toEqual([
      { status: 'REMOVED' },
    ]);
  });
});

describe('optionSwatchesSet', () => {
  it.each([
    ['a color that is none', [{ option: 'Color', value: 'Red', color: 'red' }], ['swatches', '0', 'color'], 'INVALID'],
    ['no name', [{ option: ' ', value: 'Red', color: '#ff0000' }], ['swatches', '0', 'option'], 'REQUIRED'],
    [
      'a value twice',
      ['Red', 'red '].map((value) => ({ option: 'Color', value, color: '#ff0000' })),
      ['swatches'],
      'INVALID',
    ],
    [
      'an image that is none',
      [{ option: 'Color', value: 'Red', imageId: 'simg_x' }],
      ['swatches', '0', 'imageId'],
      'NOT_FOUND',
    ],
  ])('is refused with %s', async (_what, swatches, field, code) => {
    expect(await ask(freshTenantId(), SET, { swatches })).toMatchObject({
      optionSwatches: null,
      userErrors: [{ field, code }],
    });
  });

  it('says how values look in all products, regardless of case; one without a look is taken away', async () => {
    const tenantId = freshTenantId();
    const { id: imageId } = await storeImage(tenantId);
    await ask(tenantId, SET, {
      swatches: [
        { option: 'color', value: 'RED', color: '#ff0000' },
        { option: 'Color', value: 'Plaid', imageId },
        { option: 'Color', value: 'Gone', color: '#000000' },
      ],
    });
    const { optionSwatches } = await ask(tenantId, SET, { swatches: [{ option: 'COLOR', value: 'gone' }] });
    expect(optionSwatches).toEqual([
      { option: 'Color', value: 'Plaid', swatch: { color: null, image: { id: imageId } } },
      { option: 'color', value: 'RED', swatch: { color: '#ff0000', image: null } },
    ]);
    const variants = ['Red', 'Plaid', 'Blue'].map((value) => ({
      sku: `SW-${value}`,
      price: { amount: '1', currencyCode: 'USD' },
      optionValues: [{ option: 'Color', value }],
    }));
    const options = [{ name: 'Color', values: ['Red', 'Plaid', 'Blue'] }];
    const { id } = await makeProduct(product, admin(tenantId), { status: 'ACTIVE', options, variants });
    const page =
      'query ($id: ID!) { product(id: $id) { options { optionValues { value swatch { color image { id } } } } } }';
    const { data } = await product.ask(visitor(tenantId), page, { id });
    expect(data.product.options[0].optionValues).toEqual([
      { value: 'Red', swatch: { color: '#ff0000', image: null } },
      { value: 'Plaid', swatch: { color: null, image: { id: imageId } } },
      { value: 'Blue', swatch: null },
    ]);
    expect((await ask(tenantId, DELETE, { id: imageId })).userErrors).toEqual([{ field: ['id'], code: 'IN_USE' }]);
  });
});
