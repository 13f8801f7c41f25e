import { admin, customer, freshTenantId, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { STAGE, startWithImages } from '../test/startWithImages';

let product: Awaited<ReturnType<typeof startWithImages>>;
beforeAll(async () => {
  product = await startWithImages();
});
afterAll(() => product?.close());

describe('stagedUploadsCreate', () => {
  it.each([
    ['a type that is no image', { contentType: 'image/svg+xml' }, 'contentType'],
    ['no bytes', { byteSize: 0 }, 'byteSize'],
    ['more bytes than are accepted', { byteSize: 20 * 1024 * 1024 + 1 }, 'byteSize'],
  ])('is refused with %s', async (_what, change, field) => {
    const input = [{ purpose: 'PRODUCT_IMAGE', contentType: 'image/png', byteSize: 10, ...change }];
    const { data } = await product.ask(admin(freshTenantId()), STAGE, { input });
    expect(data.stagedUploadsCreate).toEqual({
      stagedUploadTargets: null,
      userErrors: [{ field: ['input', '0', field], code: 'INVALID' }],
    });
  });

  it('is refused without products:manage', async () => {
    const tenantId = freshTenantId();
    for (const caller of [visitor(tenantId), customer(tenantId)]) {
      const input = [{ purpose: 'PRODUCT_IMAGE', contentType: 'image/png', byteSize: 10 }];
      const { errors } = await product.ask(caller, STAGE, { input });
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
  });

  it.each<[string, (url: string) => string]>([
    ['another store', (url) => url.replace(/org_[^/]+/, freshTenantId())],
    ['another length', (url) => url.replace(/size=\d+/, 'size=99')],
    ['another type', (url) => url.replace('image%2Fpng', 'text%2Fhtml')],
    ['a later end', (url) => url.replace(/expires=\d+/, 'expires=9999999999')],
    ['no signature', (url) => url.replace(/signature=[^&]+/, '')],
  ])('makes an address that is 404 once it names %s', async (_what, change) => {
    const { url } = await product.stage(freshTenantId(), 5);
    const answer = await fetch(change(product.atSubgraph(url)), {
      method: 'PUT',
      headers: { 'content-type': 'image/png' },
      body: '12345',
    });
    expect(answer.status).toBe(404);
  });
});
