import { z } from 'zod';
import type { Audience } from '../caller';
import { PERMISSIONS } from '../permissions';
import { PLAN_NAMES } from '../plans';
import { storeSettings } from '../storeSettings';

/** What an event is about. The aggregate's id is the object's own; for `inventory` the variant's id, and for `settings` the store's. */
const AGGREGATES = [
  'tenant',
  'settings',
  'member',
  'user',
  'webhook',
  'app_token',
  'product',
  'variant',
  'inventory',
  'order',
  'payment',
  'dispute',
  'customer',
  'gift_card',
  'store_credit',
] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** A type of event. Its `data` must not contain personal data, such as names, addresses or e-mail addresses. */
export interface EventDefinition<Data extends z.ZodType = z.ZodType> {
  /** The only subgraph that may record it. */
  source: Audience;
  aggregate: Aggregate;
  /** Printed in docs/EVENTS.md. */
  description: string;
  /** Raised by a breaking change of `data`; a consumer parks events with a newer version than it knows. */
  version: number;
  data: Data;
  /** True for events that only this system's services get, and not merchants' webhooks. */
  isInternal?: true;
}

const event = <Data extends z.ZodType>(
  source: Audience,
  aggregate: Aggregate,
  description: string,
  data: Data,
): EventDefinition<Data> => ({ source, aggregate, description, version: 1, data });

/** An event whose data was changed in a way that breaks consumers of the earlier version. */
const revised = <Data extends z.ZodType>(
  version: number,
  definition: EventDefinition<Data>,
): EventDefinition<Data> => ({
  ...definition,
  version,
});

/** Defines an event for this system's own services only. */
const internal = <Data extends z.ZodType>(definition: EventDefinition<Data>): EventDefinition<Data> => ({
  ...definition,
  isInternal: true,
});

const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_\\w{1,100}$`));
const text = z.string().max(500);
const count = z.int().min(0);
/** Money as in the API: a decimal in a string, and an ISO 4217 code. */
const money = z.strictObject({
  amount: z.string().regex(/^\d{1,16}(\.\d{1,4})?$/),
  currencyCode: z.string().regex(/^[A-Z]{3}$/),
});
const plan = z.enum(PLAN_NAMES);
const store = z.strictObject({ name: text, slug: text });
const product = z.strictObject({ name: text, slug: text, status: z.enum(['DRAFT', 'ACTIVE', 'ARCHIVED']) });
const variant = { productId: id('prod'), sku: text };
const number = z.int().min(1);
/** Null for an order that was never confirmed. */
const numberOrNull = number.nullable();
const boughtLines = z
  .array(z.strictObject({ productId: id('prod'), variantId: id('pvar'), quantity: z.int().min(1) }))
  .max(1_000);
const payment = { orderId: id('ord'), amount: money };
const dispute = z.strictObject({
  ...payment,
  reason: z.string().max(100),
  status: z.enum([
    'INQUIRY_NEEDS_RESPONSE',
    'INQUIRY_UNDER_REVIEW',
    'NEEDS_RESPONSE',
    'UNDER_REVIEW',
    'INQUIRY_CLOSED',
    'PREVENTED',
    'WON',
    'LOST',
  ]),
  evidenceDueAt: z.iso.datetime().nullable(),
});
/** Why a balance changed, by how much, and what it is now. `orderId` is null when no order was paid or refunded. */
const balanceChange = z.strictObject({
  kind: z.enum(['ISSUE', 'SPEND', 'REFUND', 'ADJUST']),
  direction: z.enum(['CREDIT', 'DEBIT']),
  amount: money,
  balance: money,
  orderId: id('ord').nullable(),
});

const appToken = z.strictObject({
  appTokenId: id('apt'),
  kind: z.enum(['PRIVATE', 'STOREFRONT']),
  permissions: z.array(z.enum(PERMISSIONS)),
});

/** Every event that services publish for each other and for merchants' webhooks. docs/EVENTS.md is generated from it. */
export const EVENT_CATALOG = {
  'tenant.created': event('tenant', 'tenant', 'A store was opened.', store),
  'tenant.updated': event('tenant', 'tenant', "A store's name, address, domains or settings changed.", store),
  'tenant.settings_changed': internal(
    event(
      'tenant',
      'settings',
      'Something of a store’s settings changed: other services keep what they need of them. A tenant.updated is published, too.',
      storeSettings,
    ),
  ),
  'tenant.suspended': event(
    'tenant',
    'tenant',
    'A store was suspended: nobody can buy there.',
    z.strictObject({ by: z.enum(['STORE', 'PLATFORM']) }),
  ),
  'tenant.resumed': event('tenant', 'tenant', 'A suspended or deleted store is open again.', z.strictObject({})),
  'tenant.deleted': event(
    'tenant',
    'tenant',
    'A store was closed; its data is erased after `eraseAfter`.',
    z.strictObject({ eraseAfter: z.iso.datetime() }),
  ),
  'tenant.member.removed': event(
    'tenant',
    'member',
    'A member was removed from the store.',
    z.strictObject({ userId: id('user') }),
  ),
  'tenant.plan_changed': event(
    'tenant',
    'tenant',
    'The plan of a store changed, or the billing status of its plan.',
    z.strictObject({ plan, previousPlan: plan, status: z.enum(['TRIALING', 'ACTIVE', 'PAST_DUE', 'CANCELED']) }),
  ),
  'tenant.user.deleted': internal(
    event(
      'tenant',
      'user',
      'A person deleted their account. It is published once and for no store: `tenantid` is the person’s own id.',
      z.strictObject({ userId: id('user') }),
    ),
  ),
  'tenant.app_token.created': event('tenant', 'app_token', 'A token for a program was made.', appToken),
  'tenant.app_token.updated': event(
    'tenant',
    'app_token',
    'The name, the addresses or the end of a program’s token was changed.',
    appToken,
  ),
  'tenant.app_token.revoked': event('tenant', 'app_token', 'A program’s token was revoked.', appToken),
  'tenant.webhook.disabled': event(
    'tenant',
    'webhook',
    'A webhook subscription was disabled: its address did not accept events for days, or answered 410 Gone.',
    z.strictObject({ url: z.string().max(2_048), reason: z.enum(['FAILING', 'GONE']) }),
  ),
  'product.created': event('product', 'product', 'A product was added.', product),
  'product.updated': event('product', 'product', 'Something of a product changed.', product),
  'product.published': event('product', 'product', 'A product became visible to shoppers.', product),
  'product.deleted': event(
    'product',
    'product',
    'A product and its variants were deleted.',
    z.strictObject({ variantIds: z.array(id('pvar')).max(5_000) }),
  ),
  'variant.price_changed': event(
    'product',
    'variant',
    'The price of a variant changed.',
    z.strictObject({ ...variant, price: money, previousPrice: money }),
  ),
  'inventory.low': event(
    'product',
    'inventory',
    'The available quantity of a variant fell to the threshold or below.',
    z.strictObject({ ...variant, available: count, threshold: count }),
  ),
  'inventory.out': event('product', 'inventory', 'A variant is sold out.', z.strictObject(variant)),
  'inventory.back_in_stock': event(
    'product',
    'inventory',
    'A variant that was sold out is available again.',
    z.strictObject({ ...variant, available: count }),
  ),
  'order.created': revised(
    2,
    event(
      'order',
      'order',
      'An order was placed. It is not confirmed yet, has no number before it is, and may still be refused.',
      z.strictObject({
        number: numberOrNull,
        lines: z.array(z.strictObject({ variantId: id('pvar'), quantity: z.int().min(1) })).max(1_000),
      }),
    ),
  ),
  'order.confirmed': event(
    'order',
    'order',
    'The stock of an order is reserved, and its payment is authorized.',
    z.strictObject({ number, total: money, lines: boughtLines }),
  ),
  'order.updated': revised(
    2,
    event(
      'order',
      'order',
      'An address or the e-mail address of an order was changed.',
      z.strictObject({
        number: numberOrNull,
        changed: z.array(z.enum(['EMAIL', 'SHIPPING_ADDRESS', 'BILLING_ADDRESS'])),
      }),
    ),
  ),
  'order.canceled': revised(
    2,
    event(
      'order',
      'order',
      'An order was canceled. `lines` has the canceled items of a confirmed order; it is empty for an order that was never confirmed.',
      z.strictObject({ number: numberOrNull, lines: boughtLines }),
    ),
  ),
  'order.fulfilled': event(
    'order',
    'order',
    'Items of an order were shipped. `isComplete`: nothing is left to ship. `lines` is empty when what was left was refunded.',
    z.strictObject({ number, isComplete: z.boolean(), lines: boughtLines }),
  ),
  'order.refunded': revised(
    2,
    event(
      'order',
      'order',
      'An order was refunded, at least in part, or items of it came back without money. `lines` has the refunded items; it is empty for a canceled order, whose order.canceled had them.',
      z.strictObject({ number: numberOrNull, amount: money, isComplete: z.boolean(), lines: boughtLines }),
    ),
  ),
  'payment.captured': event('order', 'payment', 'Money was received for an order.', z.strictObject(payment)),
  'payment.failed': event(
    'order',
    'payment',
    'A payment was refused. `code` is the provider’s, such as card_declined.',
    z.strictObject({ ...payment, code: z.string().max(100) }),
  ),
  'payment.authorization_expiring': event(
    'order',
    'payment',
    'The authorization of a payment is about to end: `amount` is released at `expiresAt` unless it is captured before.',
    z.strictObject({ ...payment, expiresAt: z.iso.datetime() }),
  ),
  'dispute.opened': event(
    'order',
    'dispute',
    'A buyer disputes a payment with their bank. `reason` is the provider’s, such as fraudulent.',
    dispute,
  ),
  'dispute.updated': event('order', 'dispute', 'The status, amount or due date of an open dispute changed.', dispute),
  'dispute.closed': event(
    'order',
    'dispute',
    'A dispute has its outcome: WON, LOST, INQUIRY_CLOSED or PREVENTED. It has no dispute.opened when it was over before it was heard of.',
    dispute,
  ),
  'customer.updated': event(
    'order',
    'customer',
    "A customer's tags were changed.",
    z.strictObject({ changed: z.array(z.enum(['tags'])).max(1) }),
  ),
  'gift_card.created': event(
    'order',
    'gift_card',
    'A gift card was issued. Its code is in no event.',
    z.strictObject({ lastCharacters: z.string().length(4), amount: money, expiresAt: z.iso.datetime().nullable() }),
  ),
  'gift_card.updated': event(
    'order',
    'gift_card',
    'A gift card was switched on or off, or its expiry, recipient or note was changed.',
    z.strictObject({ isActive: z.boolean(), expiresAt: z.iso.datetime().nullable() }),
  ),
  'gift_card.balance_changed': event(
    'order',
    'gift_card',
    'A gift card was used, refunded to, or adjusted.',
    balanceChange,
  ),
  'store_credit.balance_changed': event(
    'order',
    'store_credit',
    'A customer’s store credit was given, used, refunded to, or taken away.',
    balanceChange,
  ),
} as const;

export type EventType = keyof typeof EVENT_CATALOG;

export const EVENT_TYPES = Object.keys(EVENT_CATALOG) as EventType[];

/** The data of an event of one type. */
export type EventData<Type extends EventType> = z.output<(typeof EVENT_CATALOG)[Type]['data']>;

/** Whether a name is in the catalog: a message may come from a newer version of this system. */
export const isEventType = (name: string): name is EventType => Object.hasOwn(EVENT_CATALOG, name);
