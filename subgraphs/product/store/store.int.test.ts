import { freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { publishPlan, publishSettings } from '../../shared/test/publishStoreEvents';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
let to: { url: string; name: 'product' };
beforeAll(async () => {
  product = await startTestSubgraph();
  to = { url: product.url, name: 'product' };
});
afterAll(() => product?.close());

const rowsOf = (tenantId: string) =>
  asOwner<{ plan: string | null; settings: object | null }>(
    product.ownerUrl,
    tenantId,
    'SELECT plan, settings FROM stores',
  );
const planOf = async (tenantId: string) => (await rowsOf(tenantId)).map(({ plan }) => plan);

describe('what is kept of a store', () => {
  it('is nothing of an older change of its settings, also when that comes later', async () => {
    const tenantId = freshTenantId();
    await publishSettings(to, tenantId, { orderPrefix: 'NEW-' }, 3);
    await publishSettings(to, tenantId, { orderPrefix: 'OLD-' }, 2);
    expect(await rowsOf(tenantId)).toMatchObject([{ settings: { orderPrefix: 'NEW-' } }]);
  });

  it('is nothing of an older change of its plan, which has no version of its own', async () => {
    const tenantId = freshTenantId();
    const now = Date.now();
    await publishPlan(to, tenantId, 'PRO', new Date(now));
    await publishPlan(to, tenantId, 'STARTER', new Date(now - 1));
    expect(await planOf(tenantId)).toEqual(['PRO']);
    await publishPlan(to, tenantId, 'FREE', new Date(now + 1));
    expect(await planOf(tenantId)).toEqual(['FREE']);
  });

  it('is each store’s own', async () => {
    const [told, other] = [freshTenantId(), freshTenantId()];
    await publishPlan(to, told, 'PRO');
    await publishSettings(to, told, { showExactStock: false });
    expect(await rowsOf(other)).toEqual([]);
    expect(await rowsOf(told)).toMatchObject([{ plan: 'PRO', settings: { showExactStock: false } }]);
  });

  it('are all of the settings that are told, and of one that an older event did not tell what a store begins with', async () => {
    const tenantId = freshTenantId();
    await publishSettings(to, tenantId, { locale: 'de-DE', orderPrefix: undefined });
    expect(await rowsOf(tenantId)).toEqual([
      {
        plan: null,
        settings: {
          locale: 'de-DE',
          timeZone: 'UTC',
          taxIncludedInPrices: false,
          showExactStock: true,
          orderPrefix: '#',
        },
      },
    ]);
  });
});
