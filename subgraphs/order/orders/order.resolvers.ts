import { formatMoney } from '../../shared/money';
import type { OrderStatus, OrderStatusHistory } from '../generated/prisma/client';
import type { Resolvers, TaxRounding } from '../generated/resolvers';
import { provinceCode } from '../input/province';
import { estimatedDays } from '../shipping/estimatedDays';
import { shownTaxLines } from '../tax/taxLines';
import { findGuestOrder } from './guestOrder.service';
import { historyByOrderId, itemsByOrderId, notesByOrderId, orderById } from './order.loaders';
import { findOrder, listMyOrders, listOrders, pageOfOrders } from './order.service';
import { CONFIRMED } from './orderFilter';
import { orderName } from './orderName';
import { orderNoteAdd } from './orderNoteAdd.service';
import { nextStatuses } from './orderStatus';
import { orderUpdate } from './orderUpdate.service';
import { seesAllOrders } from './visibility';

export const orderResolvers: Resolvers = {
  Query: {
    order: (_root, args, ctx) => findOrder(ctx, args),
    guestOrder: (_root, args, ctx) => findGuestOrder(ctx, args),
    orders: (_root, args, ctx) => listOrders(ctx, args),
    myOrders: (_root, args, ctx) => listMyOrders(ctx, args),
  },
  Mutation: {
    orderNoteAdd: (_root, { id, input }, ctx) => orderNoteAdd(ctx, id, input),
    orderUpdate: (_root, { id, input }, ctx) => orderUpdate(ctx, id, input),
  },
  Tenant: {
    // Another store's reference resolves to null, whatever its id.
    __resolveReference: ({ id }, ctx) => (id === ctx.tenantId ? { id } : null),
    orders: (_tenant, args, ctx) =>
      seesAllOrders(ctx) ? pageOfOrders(ctx, { ...CONFIRMED, tenantId: ctx.tenantId }, args, 'CREATED_AT', true) : null,
  },
  Order: {
    __resolveReference: ({ id }, ctx) => orderById(ctx).load(id),
    name: orderName,
    nextStatuses: (order) => [...nextStatuses(order)],
    estimatedDays: ({ shippingMinDays, shippingMaxDays }) => estimatedDays(shippingMinDays, shippingMaxDays),
    items: ({ id }, _args, ctx) => itemsByOrderId(ctx).load(id),
    billingAddress: ({ billingAddress, shippingAddress }) => billingAddress ?? shippingAddress,
    subtotal: ({ subtotalAmount, currencyCode }) => moneyOrNull(subtotalAmount, currencyCode),
    discount: ({ discountAmount, currencyCode }) => moneyOrNull(discountAmount, currencyCode),
    shipping: ({ shippingAmount, currencyCode }) => moneyOrNull(shippingAmount, currencyCode),
    tax: ({ taxAmount, currencyCode }) => moneyOrNull(taxAmount, currencyCode),
    taxLines: ({ taxLines, currencyCode }) => (currencyCode === null ? [] : shownTaxLines(taxLines, currencyCode)),
    taxRounding: ({ taxRounding }) => taxRounding as TaxRounding,
    shippingTax: ({ shippingTaxAmount, currencyCode }) => moneyOrNull(shippingTaxAmount, currencyCode),
    total: ({ totalAmount, currencyCode }) => moneyOrNull(totalAmount, currencyCode),
    confirmedAt: async ({ id }, _args, ctx) => {
      const history = await historyByOrderId(ctx).load(id);
      return history.find(isChangeTo('CONFIRMED'))?.createdAt ?? null;
    },
    canceledAt: async ({ id, status }, _args, ctx) => {
      if (status !== 'CANCELED') return null;
      const history = await historyByOrderId(ctx).load(id);
      return history.find(isChangeTo('CANCELED'))?.createdAt ?? null;
    },
    history: ({ id }, _args, ctx) => historyByOrderId(ctx).load(id),
    notes: ({ id }, _args, ctx) => (seesAllOrders(ctx) ? notesByOrderId(ctx).load(id) : null),
    tenant: ({ tenantId }) => ({ id: tenantId }),
  },
  ShippingAddress: {
    provinceCode: ({ countryCode, province }) => provinceCode(countryCode, province),
  },
  BillingAddress: {
    provinceCode: ({ countryCode, province }) => provinceCode(countryCode, province),
    vatId: ({ vatId }) => vatId ?? null,
  },
  OrderItem: {
    variantTitle: ({ optionValues }) => optionValues.map(({ value }) => value).join(' / ') || null,
    unitPrice: ({ unitPriceAmount, currencyCode }) => formatMoney({ minorUnits: unitPriceAmount, currencyCode }),
    totalPrice: ({ totalPriceAmount, currencyCode }) => formatMoney({ minorUnits: totalPriceAmount, currencyCode }),
    discount: ({ discountAmount, currencyCode }) => formatMoney({ minorUnits: discountAmount, currencyCode }),
    taxLines: ({ taxLines, currencyCode }) => shownTaxLines(taxLines, currencyCode),
    tax: ({ taxAmount, currencyCode }) => formatMoney({ minorUnits: taxAmount, currencyCode }),
    product: ({ productId }) => ({ id: productId }),
    variant: ({ variantId }) => ({ id: variantId }),
  },
  OrderStatusChange: {
    actorId: ({ actorId }, _args, ctx) => (seesAllOrders(ctx) ? actorId : null),
    impersonatorId: ({ impersonatorId }, _args, ctx) => (seesAllOrders(ctx) ? impersonatorId : null),
  },
};

const isChangeTo =
  (status: OrderStatus) =>
  ({ kind, to }: OrderStatusHistory) =>
    kind === 'STATUS' && to === status;

const moneyOrNull = (minorUnits: bigint | null, currencyCode: string | null) =>
  minorUnits === null || currencyCode === null ? null : formatMoney({ minorUnits, currencyCode });
