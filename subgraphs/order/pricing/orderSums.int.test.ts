import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { makeOrder, orderCreate, orderInput } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const SUMS = `query ($id: ID!) { order(id: $id) { subtotal { amount } discount { amount } shipping { amount } tax { amount }
  shippingTax { amount } pricesIncludeTax total { amount } items { totalPrice { amount } discount { amount } tax { amount } } } }`;

describe('the sums of an order', () => {
  it('are refused by the database when they do not add up', async () => {
    const tenantId = freshTenantId();
    await makeOrder(order, customer(tenantId));
    for (const change of [
      'total_amount = total_amount - 1',
      'tax_amount = 1',
      'tax_included = true, tax_amount = 1, total_amount = total_amount + 1',
      'discount_amount = subtotal_amount + 1, total_amount = -1',
      'subtotal_amount = NULL',
      'tax_amount = -1, total_amount = total_amount - 1',
    ]) {
      await expect(asOwner(order.ownerUrl, tenantId, `UPDATE orders SET ${change}`)).rejects.toThrow(/check/);
    }
  });

  it('are those of its items in a store without pricing rules', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeOrder(order, customer(tenantId));
    const { data } = await order.ask(customer(tenantId), SUMS, { id });
    const [nothing, all] = [{ amount: '0.00' }, { amount: '300.00' }];
    expect(data.order).toEqual({
      ...{
        subtotal: all,
        discount: nothing,
        shipping: nothing,
        tax: nothing,
        shippingTax: nothing,
        pricesIncludeTax: false,
      },
      total: all,
      items: [{ totalPrice: all, discount: nothing, tax: nothing }],
    });
  });

  it('are null before it is priced, and when it was refused', async () => {
    const tenantId = freshTenantId();
    await orderCreate(order, customer(tenantId), orderInput({ lines: [{ variantId: 'pvar_none', quantity: 1 }] }));
    const { data } = await order.ask(
      admin(tenantId),
      '{ orders(where: { unconfirmed: true }) { nodes { subtotal { amount } total { amount } items { quantity } } } }',
    );
    expect(data.orders.nodes).toEqual([{ subtotal: null, total: null, items: [] }]);
  });
});
