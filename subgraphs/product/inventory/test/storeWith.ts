import { randomUUID } from 'node:crypto';
import { admin, freshTenantId, service } from '../../../shared/test/askSubgraph';
import { asOwner } from '../../../shared/test/asOwner';
import { makeProduct } from '../../test/factories';
import type { startTestSubgraph } from '../../test/startTestSubgraph';

type Product = Awaited<ReturnType<typeof startTestSubgraph>>;

const PAYLOAD =
  'productVariant { quantityAvailable quantityOnHand } stockMovement { id kind onHandChange availableChange reason actorId orderId }';
export const ADJUST = `mutation ($input: InventoryAdjustInput!) {
  change: inventoryAdjust(input: $input) { ${PAYLOAD} userErrors { field code } } }`;
export const SET = `mutation ($input: InventorySetInput!) {
  change: inventorySet(input: $input) { ${PAYLOAD} userErrors { field code } } }`;
export const POLICY = `mutation ($input: InventoryPolicyUpdateInput!) { change: inventoryPolicyUpdate(input: $input) {
  productVariant { inventoryPolicy lowStockThreshold availableForSale version } userErrors { field code message } } }`;
const RESERVE = `mutation ($orderId: ID!, $lines: [StockReserveLine!]!) {
  stockReserve(orderId: $orderId, lines: $lines) { lines { quantity } userErrors { code } } }`;

export const freshKey = () => `key_${randomUUID()}`;

/** A store with one variant, of which there are so many, and what is done with its stock. */
export async function storeWith(product: Product, stock = 10) {
  const tenantId = freshTenantId();
  const { variantId } = await makeProduct(product, admin(tenantId), {
    variants: [{ sku: 'A', price: { amount: '150', currencyCode: 'USD' }, quantityOnHand: stock }],
  });
  const change = async (query: string, input: Record<string, unknown>) => {
    const { data, errors } = await product.ask(admin(tenantId), query, { input: { variantId, ...input } });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.change;
  };
  return {
    tenantId,
    variantId,
    adjust: (delta: number, idempotencyKey = freshKey(), reason = 'Damaged') =>
      change(ADJUST, { delta, idempotencyKey, reason }),
    set: (quantityOnHand: number, expectedQuantityOnHand?: number, idempotencyKey = freshKey()) =>
      change(SET, { quantityOnHand, expectedQuantityOnHand, idempotencyKey, reason: 'Counted' }),
    policy: (input: Record<string, unknown>) => change(POLICY, input),
    reserve: async (orderId: string, quantity: number) =>
      (await product.ask(service(tenantId), RESERVE, { orderId, lines: [{ variantId, quantity }] })).data.stockReserve,
    release: (orderId: string) =>
      product.ask(service(tenantId), 'mutation ($id: ID!) { stockRelease(orderId: $id) { changed } }', { id: orderId }),
    read: async (fields: string, as = admin) =>
      (await product.ask(as(tenantId), `query ($id: ID!) { productVariant(id: $id) { ${fields} } }`, { id: variantId }))
        .data?.productVariant,
    events: async () =>
      (
        await asOwner<{ type: string; data: object; version: string }>(
          product.ownerUrl,
          tenantId,
          `SELECT type, data, aggregate_version AS version FROM outbox_events WHERE type LIKE 'inventory.%' ORDER BY position`,
        )
      ).map(({ type }) => type),
  };
}
