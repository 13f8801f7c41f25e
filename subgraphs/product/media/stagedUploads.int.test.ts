import { admin, customer, freshTenantId, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { makeProduct } from '../test/factories';
import { png, STAGE, startWithImages } from '../test/startWithImages';

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

  it('takes no file once the one before was used', async () => {
    const tenantId = freshTenantId();
    const bytes = await png();
    const { id, url } = await product.stage(tenantId, bytes.length);
    const put = async () => {
      const headers = { 'content-type': 'image/png' };
      return (await fetch(product.atSubgraph(url), { method: 'PUT', headers, body: bytes })).status;
    };
    expect(await put()).toBe(204);
    expect(await put()).toBe(204);
    const { id: productId } = await makeProduct(product, admin(tenantId));
    await product.add(tenantId, productId, { stagedUploadId: id });
    expect(await put()).toBe(409);
  });

  it('is refused when too many, or too long ones, wait to be used; each store has room of its own', async () => {
    const [tenantId, other] = [freshTenantId(), freshTenantId()];
    const stage = async (store: string, count: number, file: object) => {
      const { data } = await product.ask(admin(store), STAGE, { input: Array.from({ length: count }, () => file) });
      return data.stagedUploadsCreate;
    };
    const refused = { stagedUploadTargets: null, userErrors: [{ field: ['input'], code: 'LIMIT_REACHED' }] };
    const small = { purpose: 'PRODUCT_IMAGE', contentType: 'image/png', byteSize: 1 };
    for (let times = 0; times < 10; times += 1) expect((await stage(tenantId, 50, small)).userErrors).toEqual([]);
    expect(await stage(tenantId, 1, small)).toEqual(refused);
    const long = { purpose: 'PRODUCT_IMPORT', contentType: 'text/csv', byteSize: 104_857_600 };
    expect((await stage(other, 20, long)).userErrors).toEqual([]);
    expect(await stage(other, 1, long)).toEqual(refused);
    expect((await stage(other, 1, small)).userErrors).toEqual([]);
    await asOwner(
      product.ownerUrl,
      tenantId,
      `UPDATE media_files SET expires_at = now() WHERE id = (SELECT min(id) FROM media_files)`,
    );
    expect((await stage(tenantId, 1, small)).userErrors).toEqual([]);
  });
});
