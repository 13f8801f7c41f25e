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

describe('a store’s row', () => {
  it('ignores an older change of its settings that arrives later', async () => {
    const tenantId = freshTenantId();
    await publishSettings(to, tenantId, { orderPrefix: 'NEW-' }, 3);
    await publishSettings(to, tenantId, { orderPrefix: 'OLD-' }, 2);
    expect(await rowsOf(tenantId)).toMatchObject([{ settings: { orderPrefix: 'NEW-' } }]);
  });

  it('ignores an older change of its plan, which has no version of its own', async () => {
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

  it('has all settings of the event; a setting that an older event does not have gets a new store’s value', async () => {
    const tenantId = freshTenantId();
    await publishSettings(to, tenantId, { locale: 'de-DE', orderPrefix: undefined });
    expect(await rowsOf(tenantId)).toEqual([
      {
        plan: null,
        settings: {
          locale: 'de-DE',
          timeZone: 'UTC',
          showExactStock: true,
          orderPrefix: '#',
        },
      },
    ]);
  });
});
