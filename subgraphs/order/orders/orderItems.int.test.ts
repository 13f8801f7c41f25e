import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { line } from '../test/carts';
import { orderCreate, orderInput } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const ITEMS = `query ($id: ID!) { order(id: $id) { items {
  id productName variantTitle optionValues { option value } image { url altText } quantity } } }`;

async function itemsOf(tenantId: string, id: string) {
  const { data, errors } = await order.ask(admin(tenantId), ITEMS, { id });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.order.items;
}

describe('an item of an order', () => {
  it('has an id of its own, and title, options and image of its variant as bought', async () => {
    const tenantId = freshTenantId();
    const { order: made } = await orderCreate(
      order,
      visitor(tenantId),
      orderInput({ lines: [line('pvar_42'), line('pvar_plain', 3)] }),
    );
    const [shoe, plain] = await itemsOf(tenantId, made.id);
    expect(shoe).toEqual({
      id: expect.stringMatching(/^oitm_[0-9a-z]{26}$/),
      productName: 'Name of prod_42',
      variantTitle: 'Black / 42',
      optionValues: [
        { option: 'Color', value: 'Black' },
        { option: 'Size', value: '42' },
      ],
      image: { url: 'https://images.example/pvar_42', altText: null },
      quantity: 1,
    });
    expect(plain).toMatchObject({ variantTitle: null, optionValues: [], image: null, quantity: 3 });
    expect(new Set([shoe.id, plain.id]).size).toBe(2);
    expect((await itemsOf(tenantId, made.id)).map(({ id }: { id: string }) => id)).toEqual([shoe.id, plain.id]);
  });

  it('from before items had ids gets one of the same form from the database', async () => {
    const tenantId = freshTenantId();
    const { order: made } = await orderCreate(order, visitor(tenantId), orderInput());
    const [{ id }] = await itemsOf(tenantId, made.id);
    const sql = `UPDATE order_items SET id = DEFAULT, option_values = DEFAULT, image = DEFAULT RETURNING id`;
    const [updated] = await asOwner<{ id: string }>(order.ownerUrl, tenantId, sql);
    expect(updated?.id).toMatch(/^oitm_[0-9a-z]{26}$/);
    expect(updated?.id).not.toBe(id);
    expect(await itemsOf(tenantId, made.id)).toMatchObject([
      { id: updated?.id, variantTitle: null, optionValues: [], image: null },
    ]);
  });
});
