import { randomUUID } from 'node:crypto';
import { freshTenantId, visitor } from '../../../shared/test/askSubgraph';
import { asOwner } from '../../../shared/test/asOwner';
import { cartsOf } from '../../test/carts';
import { shippingAddress } from '../../test/factories';
import { pricingRulesOf } from '../../test/pricingRules';
import type { OrderSubgraphUnderTest } from '../../test/startTestSubgraph';
import { openCheckout, TEST_METHOD } from '../../test/testMethod';
import type { HookServer } from './hookServer';
import { hooksOf } from './hooksOf';

const CART = `id version shippingOptions { id name price { amount currencyCode } estimatedDays { min max } } shippingOption { id }
  warnings { code } cost { shipping { amount } tax { amount } taxLines { title rate amount { amount } } total { amount } }`;
const ORDER = `id shippingName shippingOptionId estimatedDays { min max } shipping { amount } tax { amount } shippingTax { amount }
  total { amount } taxLines { title rate amount { amount } } items { tax { amount } taxLines { title amount { amount } } }`;

/** A new store whose hook of `kind` is at `server`, and what its shoppers do. */
export async function storeWithHook(
  order: OrderSubgraphUnderTest,
  server: HookServer,
  kind: string,
  more: object = {},
) {
  const tenantId = freshTenantId();
  await openCheckout(order.ownerUrl, tenantId);
  const hooks = hooksOf(order, tenantId);
  const { checkoutHook, secret } = await hooks.create({ kind, url: server.url, ...more });
  const shopper = visitor(tenantId);
  const carts = cartsOf(order, shopper);
  const send = async (query: string, variables: object) => {
    const { data, errors } = await order.ask(shopper, query, { ...variables });
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  return {
    tenantId,
    hooks,
    hook: checkoutHook,
    secret: secret as string,
    carts,
    rules: pricingRulesOf(order, tenantId),
    send,
    sql: <Row extends object>(statement: string) => asOwner<Row>(order.ownerUrl, tenantId, statement),
    /** The questions that this store's server was asked. */
    questions: () => server.questions.filter(({ json }) => json.storeId === tenantId),
    /** A cart with an address; its fields are read later. */
    fill: async (quantity = 1, changes: object = {}): Promise<string> => {
      const input = {
        lines: [{ variantId: 'pvar_1', quantity }],
        email: 'ada@example.com',
        shippingAddress: { ...shippingAddress, province: 'California', postalCode: '94105' },
        ...changes,
      };
      const query =
        'mutation ($input: CartCreateInput!) { cartCreate(input: $input) { cart { id } userErrors { code } } }';
      return (await send(query, { input })).cartCreate.cart.id;
    },
    read: async (id: string) => (await send(`query ($id: ID!) { cart(id: $id) { ${CART} } }`, { id })).cart,
    choose: async (id: string, shippingOptionId: string) => {
      const query = `mutation ($id: ID!, $input: CartShippingOptionSelectInput!) {
        cartShippingOptionSelect(id: $id, input: $input) { cart { ${CART} } userErrors { code } } }`;
      return (await send(query, { id, input: { shippingOptionId } })).cartShippingOptionSelect;
    },
    checkOut: async (cartId: string, input: object = {}) => {
      const query = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
        order { ${ORDER} } nextStep userErrors { field code } } }`;
      const all = { cartId, paymentMethodId: TEST_METHOD, idempotencyKey: randomUUID(), ...input };
      return (await send(query, { input: all })).orderCreate;
    },
  };
}
