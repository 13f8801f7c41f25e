import { formatMoney, type Money } from '../../shared/money';
import type { Cart } from '../generated/prisma/client';
import type { Resolvers } from '../generated/resolvers';
import { billingAddressOf } from '../input/addresses';
import { lineSubtotal } from '../pricing/pricing';
import { shownTaxLines } from '../tax/taxLines';
import { cartBeforeHooks, pricedCart } from './cart.loaders';
import {
  cartAttributesUpdate,
  cartBillingAddressUpdate,
  cartBuyerIdentityUpdate,
  cartBuyerNoteUpdate,
  cartCreate,
  cartDiscountCodesUpdate,
  cartShippingAddressUpdate,
} from './cart.service';
import { discountsOfCart } from './cartDiscounts';
import { cartLinesAdd, cartLinesRemove, cartLinesUpdate, cartPricesConfirm } from './cartLines.service';
import { cartMerge } from './cartMerge.service';
import { cartShippingOptionSelect, cartShippingOptions } from './cartShipping';
import { findCustomersCart, findOpenCart, totalQuantity } from './openCart';
import { lineToPrice, type PricedCart, type PricedCartLine } from './priceCart';
import { keepSeenCost } from './seenCost';

export type CartLineModel = PricedCartLine & { cart: Cart };
export type CartCostModel = NonNullable<PricedCart['cost']>;

export const cartResolvers: Resolvers = {
  Query: {
    cart: (_root, { id }, ctx) => findOpenCart(ctx.db, ctx, id),
    myCart: (_root, _args, ctx) => findCustomersCart(ctx.db, ctx),
  },
  Mutation: {
    cartCreate: (_root, { input }, ctx) => cartCreate(ctx, input),
    cartLinesAdd: (_root, { id, input }, ctx) => cartLinesAdd(ctx, id, input),
    cartLinesUpdate: (_root, { id, input }, ctx) => cartLinesUpdate(ctx, id, input),
    cartLinesRemove: (_root, { id, input }, ctx) => cartLinesRemove(ctx, id, input),
    cartPricesConfirm: (_root, { id, input }, ctx) => cartPricesConfirm(ctx, id, input),
    cartBuyerIdentityUpdate: (_root, { id, input }, ctx) => cartBuyerIdentityUpdate(ctx, id, input),
    cartShippingAddressUpdate: (_root, { id, input }, ctx) => cartShippingAddressUpdate(ctx, id, input),
    cartBillingAddressUpdate: (_root, { id, input }, ctx) => cartBillingAddressUpdate(ctx, id, input),
    cartShippingOptionSelect: (_root, { id, input }, ctx) => cartShippingOptionSelect(ctx, id, input),
    cartBuyerNoteUpdate: (_root, { id, input }, ctx) => cartBuyerNoteUpdate(ctx, id, input),
    cartAttributesUpdate: (_root, { id, input }, ctx) => cartAttributesUpdate(ctx, id, input),
    cartDiscountCodesUpdate: (_root, { id, input }, ctx) => cartDiscountCodesUpdate(ctx, id, input),
    cartMerge: (_root, { id }, ctx) => cartMerge(ctx, id),
  },
  Cart: {
    __resolveReference: ({ id }, ctx) => findOpenCart(ctx.db, ctx, id),
    billingAddress: billingAddressOf,
    discountCodes: async (cart, _args, ctx) => {
      if (cart.discountCodes.length === 0) return [];
      const { codes } = await pricedCart(ctx).load(cart);
      return codes ?? cart.discountCodes.map((code) => ({ code, applicable: null, reason: null, message: null }));
    },
    discounts: async (cart, _args, ctx) => discountsOfCart(await pricedCart(ctx).load(cart)),
    lines: async (cart, _args, ctx) => {
      const { lines } = await cartBeforeHooks(ctx).load(cart);
      return lines.map((line) => ({ ...line, cart }));
    },
    totalQuantity: ({ tenantId, id }, _args, ctx) => totalQuantity(ctx, tenantId, id),
    shippingOptions: (cart, { destination }, ctx) => cartShippingOptions(ctx, cart, destination),
    shippingOption: async (cart, _args, ctx) => (await pricedCart(ctx).load(cart)).cost?.pricing.shippingOption ?? null,
    cost: async (cart: Cart, _args, ctx) => {
      const { cost } = await pricedCart(ctx).load(cart);
      await keepSeenCost(ctx, cart, cost);
      return cost;
    },
    warnings: async (cart, _args, ctx) => (await pricedCart(ctx).load(cart)).warnings,
  },
  CartLine: {
    id: ({ line }) => line.id,
    variantId: ({ line }) => line.variantId,
    variant: ({ line }) => ({ id: line.variantId }),
    quantity: ({ line }) => line.quantity,
    unitPrice: ({ live, priced }) =>
      live && formatMoney({ ...live.price, minorUnits: priced?.unitPrice ?? live.price.minorUnits }),
    attributes: ({ line }) => line.attributes,
    seenPrice: ({ line }) => moneyOrNull(line.seenPriceAmount, line.seenCurrencyCode),
    totalPrice: ({ live, line, priced }) =>
      live && formatMoney({ ...live.price, minorUnits: priced?.subtotal ?? lineSubtotal(lineToPrice({ live, line })) }),
    // Free shipping may be in the place of another discount, and so depends on what shipping costs.
    discount: async ({ line: { id }, cart }, _args, ctx) => {
      const { lines, cost } = await pricedCart(ctx).load(cart);
      const priced = lines.find(({ line }) => line.id === id)?.priced ?? null;
      return moneyOrNull(priced?.discount ?? null, cost?.currencyCode ?? null);
    },
  },
  CartCost: {
    subtotal: ({ pricing, currencyCode }) => formatMoney({ minorUnits: pricing.subtotal, currencyCode }),
    discount: ({ pricing, currencyCode }) => formatMoney({ minorUnits: pricing.discount, currencyCode }),
    shipping: ({ pricing, currencyCode, hasPlace }) =>
      hasPlace && pricing.shippingFault === null ? formatMoney({ minorUnits: pricing.shipping, currencyCode }) : null,
    tax: ({ pricing, currencyCode, knowsTax }) =>
      knowsTax ? formatMoney({ minorUnits: pricing.tax, currencyCode }) : null,
    taxLines: ({ pricing, currencyCode, knowsTax }) => (knowsTax ? shownTaxLines(pricing.taxLines, currencyCode) : []),
    reverseCharge: ({ pricing }) => pricing.reverseCharge,
    pricesIncludeTax: ({ pricing }) => pricing.pricesIncludeTax,
    total: ({ pricing, currencyCode }) => formatMoney({ minorUnits: pricing.total, currencyCode }),
    due: ({ due, currencyCode }) => formatMoney({ minorUnits: due, currencyCode }),
  },
};

function moneyOrNull(minorUnits: bigint | null, currencyCode: string | null): ReturnType<typeof formatMoney> | null {
  return minorUnits === null || currencyCode === null
    ? null
    : formatMoney({ minorUnits, currencyCode } satisfies Money);
}
