import { badUserInput } from '../../shared/errors';
import { findAppToken } from '../appToken/appToken.service';
import type { Context } from '../context';
import type { EntityOwner } from '../dependencies';
import type { AppToken, Tenant, WebhookSubscription } from '../generated/prisma/client';
import { findSubscription } from '../merchantWebhook/subscription.service';
import { findReferencedTenant } from '../store/store.service';

const MAX_IDS = 100;

/** The types of objects that another subgraph owns, by the prefix of their ids. */
const OWNED_ELSEWHERE = {
  prod: ['product', 'Product'],
  pvar: ['product', 'ProductVariant'],
  cat: ['product', 'Category'],
  ord: ['order', 'Order'],
  cart: ['order', 'Cart'],
  cust: ['order', 'Customer'],
  disc: ['order', 'Discount'],
  srat: ['order', 'ShippingRate'],
  szon: ['order', 'ShippingZone'],
  trat: ['order', 'TaxRate'],
  pmth: ['order', 'PaymentMethod'],
  gift: ['order', 'GiftCard'],
  hook: ['order', 'CheckoutHook'],
} as const satisfies Record<string, [EntityOwner, string]>;

type Prefix = keyof typeof OWNED_ELSEWHERE;

/** Of another subgraph's object its type and its key: the gateway asks the owner for all else. */
export type NodeModel =
  | { __typename: (typeof OWNED_ELSEWHERE)[Prefix][1]; id: string }
  | ({ __typename: 'Tenant' } & Tenant)
  | ({ __typename: 'WebhookSubscription' } & WebhookSubscription)
  | ({ __typename: 'AppToken' } & AppToken);

/**
 * One node for each id, in their order. An id whose object the caller may not see is answered like one that nobody has. Whether another
 * subgraph has the object is asked there, on behalf of the same caller, in one request for each type.
 */
export async function findNodes(ctx: Context, ids: readonly string[]): Promise<(NodeModel | null)[]> {
  if (ids.length > MAX_IDS) throw badUserInput('ids', `at most ${MAX_IDS}`);
  const found = new Map<string, NodeModel>();
  await Promise.all([
    ...(Object.keys(OWNED_ELSEWHERE) as Prefix[]).map(async (prefix) => {
      const wanted = [...new Set(ids.filter((id) => prefixOf(id) === prefix))];
      if (wanted.length === 0) return;
      const [owner, __typename] = OWNED_ELSEWHERE[prefix];
      const visible = await ctx.dependencies.visibleEntities(owner, __typename, wanted, ctx.caller);
      for (const id of visible) found.set(id, { __typename, id });
    }),
    ...[...new Set(ids)].map(async (id) => {
      const node = await ownNode(ctx, id);
      if (node) found.set(id, node);
    }),
  ]);
  return ids.map((id) => found.get(id) ?? null);
}

const prefixOf = (id: string): string => id.slice(0, Math.max(id.indexOf('_'), 0));

async function ownNode(ctx: Context, id: string): Promise<NodeModel | null> {
  if (prefixOf(id) === 'org') {
    const tenant = await findReferencedTenant(ctx, id);
    return tenant && { __typename: 'Tenant', ...tenant };
  }
  if (prefixOf(id) === 'whk' && ctx.caller.permissions.includes('store:manage')) {
    const subscription = await findSubscription(ctx, id);
    return subscription && { __typename: 'WebhookSubscription', ...subscription };
  }
  if (prefixOf(id) === 'apt' && ctx.caller.permissions.includes('store:manage')) {
    const token = await findAppToken(ctx, id);
    return token && { __typename: 'AppToken', ...token };
  }
  return null;
}
