import { admin, freshTenantId } from '../../shared/test/askSubgraph';
import { inTenantAsOwner } from '../../shared/test/asOwner';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { IS_ON_SALE, WILL_BE_ON_SALE } from './onSale';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const STATUSES = ['DRAFT', 'ACTIVE', 'ARCHIVED'];
/** Within one transaction now() does not change. */
const DATES = [
  "'-infinity'",
  "now() - interval '1 ms'",
  "date_trunc('milliseconds', now())",
  "now() + interval '1 ms'",
  "'infinity'",
  'NULL',
];

it('the view products_on_sale and the SQL condition agree on every status and date, and exclude a later publication', async () => {
  const tenantId = freshTenantId();
  const { id } = await makeProduct(product, admin(tenantId), {});
  const cases = await inTenantAsOwner(product.ownerUrl, tenantId, async (client) => {
    const found: { status: string; date: string; inView: boolean; isOnSale: boolean | null; willBe: boolean | null }[] =
      [];
    for (const status of STATUSES) {
      for (const date of DATES) {
        await client.query(`UPDATE products SET status = $2::"ProductStatus", published_at = ${date} WHERE id = $1`, [
          id,
          status,
        ]);
        const { rows } = await client.query(
          `SELECT ${IS_ON_SALE.sql} AS "isOnSale", ${WILL_BE_ON_SALE.sql} AS "willBe",
             EXISTS (SELECT FROM products_on_sale s WHERE s.tenant_id = p.tenant_id AND s.product_id = p.id) AS "inView"
           FROM products p WHERE p.id = $1`,
          [id],
        );
        found.push({ status, date, ...rows[0] });
      }
    }
    return found;
  });
  expect(cases.filter(({ inView, isOnSale }) => inView !== (isOnSale ?? false))).toEqual([]);
  expect(cases.filter(({ inView, willBe }) => inView && willBe)).toEqual([]);
  expect(cases.filter(({ inView }) => inView)).toHaveLength(3);
});
