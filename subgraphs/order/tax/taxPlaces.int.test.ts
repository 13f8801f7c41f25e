import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderInput, shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const ontario = { countryCode: 'CA', province: 'ON', name: 'HST', rate: '13' };
const inCanada = (province?: string | null) => ({
  ...shippingAddress,
  countryCode: 'CA',
  ...(province !== undefined && { province }),
});

/** Places an order of 150.00 USD. */
const buy = (tenantId: string, address: object) =>
  orderCreate(order, customer(tenantId), orderInput({ lines: [line('pvar_1')], shippingAddress: address }));

async function taxOf(tenantId: string, address: object): Promise<string> {
  const payload = await buy(tenantId, address);
  if (!payload.order) throw new Error(JSON.stringify(payload.userErrors));
  const { data } = await order.ask(admin(tenantId), 'query ($id: ID!) { order(id: $id) { tax { amount } } }', {
    id: payload.order.id,
  });
  return data.order.tax.amount;
}

describe('an address is refused', () => {
  it('with a province that the country does not have, where provinces decide about taxes', async () => {
    const tenantId = freshTenantId();
    expect(codesOf(await buy(tenantId, inCanada('Ontaro')))).toEqual(['input.shippingAddress.province INVALID']);
    const carts = cartsOf(order, visitor(tenantId));
    const wrong = { shippingAddress: { ...inCanada('Ontaro'), name: '' } };
    const both = ['input.shippingAddress.name REQUIRED', 'input.shippingAddress.province INVALID'];
    expect(codesOf(await carts.create(wrong))).toEqual(both);
    const { cart } = await carts.create();
    expect(codesOf(await carts.change('cartShippingAddressUpdate', cart.id, wrong))).toEqual(both);
    const placed = await buy(tenantId, inCanada('ON'));
    const change = { expectedVersion: 2, shippingAddress: inCanada('Ontaro') };
    const query = `mutation ($id: ID!, $input: OrderUpdateInput!) { orderUpdate(id: $id, input: $input) { userErrors { field code } } }`;
    const { data } = await order.ask(admin(tenantId), query, { id: placed.order.id, input: change });
    expect(codesOf(data.orderUpdate)).toEqual(['input.shippingAddress.province INVALID']);
  });

  it('without a province that can be told, where a rate of the store needs one', async () => {
    const tenantId = freshTenantId();
    const rates = pricingRulesOf(order, tenantId);
    await rates.taxRate(ontario);
    await rates.taxRate({ countryCode: 'ES', province: 'Canarias', name: 'IGIC', rate: '7' });
    expect(codesOf(await buy(tenantId, inCanada()))).toEqual(['input.shippingAddress.province REQUIRED']);
    expect(codesOf(await buy(tenantId, inCanada(null)))).toEqual(['input.shippingAddress.province REQUIRED']);
    const nowhere = { ...shippingAddress, countryCode: 'ES', province: 'Nowhere' };
    expect(codesOf(await buy(tenantId, nowhere))).toEqual(['input.shippingAddress.province INVALID']);
    const { cart } = await cartsOf(order, visitor(tenantId)).create({
      lines: [line('pvar_1')],
      shippingAddress: inCanada(),
    });
    expect(cart.cost).toMatchObject({ tax: null, total: { amount: '150.00' } });
    expect(cart.warnings).toEqual([{ code: 'PROVINCE_REQUIRED', lineId: null }]);
  });

  it('as the place of a tax rate: a province that the country does not have', async () => {
    const rates = pricingRulesOf(order, freshTenantId());
    expect(codesOf(await rates.taxRate({ ...ontario, province: 'Ontaro' }))).toEqual(['input.province INVALID']);
    expect(codesOf(await rates.taxRate({ ...ontario, countryCode: 'XK' }))).toEqual(['input.province INVALID']);
    expect((await rates.taxRate({ ...ontario, province: 'ontario' })).taxRate.province).toBe('ON');
    expect(codesOf(await rates.taxRate({ ...ontario, province: 'CA-ON' }))).toEqual(['input.province TAKEN']);
  });
});

describe('a tax rate of a province', () => {
  it.each(['ON', 'Ontario', 'CA-ON', ' ontario '])('is that of an address in %s', async (province) => {
    const tenantId = freshTenantId();
    await pricingRulesOf(order, tenantId).taxRate(ontario);
    expect(await taxOf(tenantId, inCanada(province))).toBe('19.50');
  });

  it('is none in another province, and that of the country where it has none', async () => {
    const tenantId = freshTenantId();
    const rates = pricingRulesOf(order, tenantId);
    await rates.taxRate(ontario);
    expect(await taxOf(tenantId, inCanada('Alberta'))).toBe('0.00');
    await rates.taxRate({ countryCode: 'CA', name: 'GST', rate: '5' });
    expect(await taxOf(tenantId, inCanada('Alberta'))).toBe('7.50');
  });

  it('holds in the provinces that it consists of', async () => {
    const tenantId = freshTenantId();
    const rates = pricingRulesOf(order, tenantId);
    await rates.taxRate({ countryCode: 'ES', name: 'IVA', rate: '21' });
    await rates.taxRate({ countryCode: 'ES', province: 'Canarias', name: 'IGIC', rate: '7' });
    const inSpain = (province: string) => ({ ...shippingAddress, countryCode: 'ES', province });
    expect(await taxOf(tenantId, inSpain('Las Palmas'))).toBe('10.50');
    expect(await taxOf(tenantId, inSpain('Barcelona'))).toBe('31.50');
  });

  it('that was written by its name before is read as its code', async () => {
    const tenantId = freshTenantId();
    const { taxRate } = await pricingRulesOf(order, tenantId).taxRate(ontario);
    await asOwner(order.ownerUrl, tenantId, `UPDATE tax_rates SET province = 'ONTARIO' WHERE id = $1`, [taxRate.id]);
    expect(await taxOf(tenantId, inCanada('on'))).toBe('19.50');
    const { data } = await order.ask(admin(tenantId), '{ taxSettings { rates { province } } }');
    expect(data.taxSettings.rates).toEqual([{ province: 'ON' }]);
  });
});

it('an order’s address has its province as post writes it, and its code', async () => {
  const tenantId = freshTenantId();
  const query = 'query ($id: ID!) { order(id: $id) { shippingAddress { province provinceCode } } }';
  const addressOf = async (address: object) => {
    const payload = await buy(tenantId, address);
    return (await order.ask(admin(tenantId), query, { id: payload.order.id })).data.order.shippingAddress;
  };
  expect(await addressOf(inCanada('Ontario'))).toEqual({ province: 'ON', provinceCode: 'ON' });
  const tokyo = { ...shippingAddress, countryCode: 'JP', province: '東京都' };
  expect(await addressOf(tokyo)).toEqual({ province: '東京都', provinceCode: '13' });
  expect(await addressOf(inCanada())).toEqual({ province: null, provinceCode: null });
});
