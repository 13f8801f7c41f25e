import type { Caller } from '../../shared/caller';
import type { SubgraphUnderTest } from '../../shared/test/askSubgraph';

const CART = `id version email buyerNote shippingAddress { city } attributes { key value } discountCodes { code applicable } expiresAt
  lines { id variantId variant { id } quantity unitPrice { amount currencyCode } seenPrice { amount } totalPrice { amount } discount { amount } }
  cost { subtotal { amount } discount { amount } shipping { amount } tax { amount } pricesIncludeTax total { amount currencyCode } }
  shippingOptions { id name price { amount currencyCode } } shippingOption { id }
  warnings { code lineId }`;

/** Each mutation of a cart with its input's type. */
export const CART_MUTATIONS = {
  cartLinesAdd: 'CartLinesAddInput',
  cartLinesUpdate: 'CartLinesUpdateInput',
  cartLinesRemove: 'CartLinesRemoveInput',
  cartPricesConfirm: 'CartPricesConfirmInput',
  cartBuyerIdentityUpdate: 'CartBuyerIdentityUpdateInput',
  cartShippingAddressUpdate: 'CartShippingAddressUpdateInput',
  cartBillingAddressUpdate: 'CartBillingAddressUpdateInput',
  cartShippingOptionSelect: 'CartShippingOptionSelectInput',
  cartBuyerNoteUpdate: 'CartBuyerNoteUpdateInput',
  cartAttributesUpdate: 'CartAttributesUpdateInput',
  cartDiscountCodesUpdate: 'CartDiscountCodesUpdateInput',
};

/** Cart operations of `caller`. Mutations return their payload, and throw on GraphQL errors. */
export function cartsOf(subgraph: SubgraphUnderTest, caller: Caller) {
  const send = async (name: string, query: string, variables: object) => {
    const { data, errors } = await subgraph.ask(caller, query, { ...variables });
    if (errors) throw new Error(JSON.stringify(errors));
    return data[name];
  };
  const payload = `{ cart { ${CART} } userErrors { field code message } }`;
  return {
    create: (input: object = {}) =>
      send('cartCreate', `mutation ($input: CartCreateInput!) { cartCreate(input: $input) ${payload} }`, { input }),
    read: (id: string) => send('cart', `query ($id: ID!) { cart(id: $id) { ${CART} } }`, { id }),
    mine: () => send('myCart', `{ myCart { ${CART} } }`, {}),
    merge: (id: string) => send('cartMerge', `mutation ($id: ID!) { cartMerge(id: $id) ${payload} }`, { id }),
    change: (name: keyof typeof CART_MUTATIONS, id: string, input: object = {}) =>
      send(
        name,
        `mutation ($id: ID!, $input: ${CART_MUTATIONS[name]}!) { ${name}(id: $id, input: $input) ${payload} }`,
        { id, input },
      ),
  };
}

export const line = (variantId: string, quantity = 1) => ({ variantId, quantity });

/** Each user error as "field CODE". */
export const codesOf = (payload: { userErrors: { field: string[]; code: string }[] }) =>
  payload.userErrors.map(({ field, code }) => `${field.join('.')} ${code}`);

/** Each line as "variant quantity". */
export const quantitiesOf = (cart: { lines: { variantId: string; quantity: number }[] }) =>
  cart.lines.map(({ variantId, quantity }) => `${variantId} ${quantity}`);
