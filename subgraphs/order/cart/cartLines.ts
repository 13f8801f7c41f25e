import { newId } from '../../shared/ids';
import { MAX_LINES, MAX_QUANTITY } from '../../shared/limits';
import { SubgraphUnavailable } from '../../shared/subgraphClient';
import { notFound, refusal, throwIfAny, type UserError } from '../../shared/userErrors';
import type { LiveVariant } from '../catalog/catalogClient';
import type { Tx } from '../database';
import type { UserErrorCode } from '../generated/resolvers';
import { attributesKey } from '../input/variantLine';
import type { CartContext } from './cartContext';

export interface LineToAdd {
  variantId: string;
  quantity: number;
  attributes?: { key: string; value: string }[] | null | undefined;
}

/** A line to add, with the price that the buyer is shown; null where the catalog did not answer. */
export type SeenLine = LineToAdd & { seenPrice: LiveVariant['price'] | null };

/**
 * Lines with their current prices. While the catalog does not answer, any variant is accepted: one that is not on sale is reported
 * when the cart is read or ordered.
 * @param others what is wrong with the input beside its lines. @throws UserErrors with these, and NOT_FOUND at each line whose variant
 * is not on sale.
 */
export async function withSeenPrices(
  ctx: CartContext,
  lines: LineToAdd[],
  others: readonly UserError<UserErrorCode>[] = [],
): Promise<SeenLine[]> {
  const live = await variantsOrNull(ctx, [...new Set(lines.map(({ variantId }) => variantId))]);
  const unknown = lines.flatMap(({ variantId }, index) =>
    live && !live.has(variantId) ? [notFound('variant on sale', ['input', 'lines', String(index), 'variantId'])] : [],
  );
  throwIfAny<UserErrorCode>([...others, ...unknown]);
  return lines.map((line) => ({ ...line, seenPrice: live?.get(line.variantId)?.price ?? null }));
}

/** @returns null when the catalog does not answer. */
export async function variantsOrNull(
  { services, tenantId }: CartContext,
  ids: string[],
): Promise<Map<string, LiveVariant> | null> {
  try {
    return await services.catalog.variants(tenantId, ids);
  } catch (error) {
    if (error instanceof SubgraphUnavailable) return null;
    throw error;
  }
}

/** Puts lines into a cart that this transaction has locked: adds to the quantities of its lines, and appends new ones. @throws UserErrors */
export async function addLines(tx: Tx, tenantId: string, cartId: string, lines: SeenLine[]): Promise<void> {
  const byKey = new Map<string, SeenLine & { key: string }>();
  for (const line of lines) {
    const key = attributesKey(line.attributes);
    const before = byKey.get(`${line.variantId} ${key}`)?.quantity ?? 0;
    byKey.set(`${line.variantId} ${key}`, { ...line, key, quantity: before + line.quantity });
  }
  // Lines are listed by id. Ids made in the same millisecond are in random order, so they are sorted before they are assigned.
  const ids = [...byKey.keys()].map(() => newId('clin')).sort();
  const rows = [...byKey.values()].map(({ variantId, quantity, attributes, key, seenPrice }, index) => ({
    id: ids[index],
    variant_id: variantId,
    quantity,
    attributes: attributes ?? [],
    key,
    amount: seenPrice?.minorUnits.toString() ?? null,
    currency: seenPrice?.currencyCode ?? null,
  }));
  await tx.$executeRaw`
    INSERT INTO cart_lines (tenant_id, cart_id, id, variant_id, quantity, attributes, attributes_key, seen_price_amount, seen_currency_code)
    SELECT ${tenantId}, ${cartId}, id, variant_id, quantity, attributes, key, amount, currency
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS line (id text, variant_id text, quantity int, attributes jsonb, key text, amount bigint, currency text)
    ON CONFLICT (tenant_id, cart_id, variant_id, attributes_key) DO UPDATE SET
      quantity = cart_lines.quantity + excluded.quantity,
      seen_price_amount = excluded.seen_price_amount, seen_currency_code = excluded.seen_currency_code`;
  await checkLimits(tx, tenantId, cartId, ['input', 'lines']);
}

/** To be called after a change, which is rolled back with the transaction when this throws. @throws UserErrors */
export async function checkLimits(tx: Tx, tenantId: string, cartId: string, field: string[]): Promise<void> {
  const { _count, _max } = await tx.cartLine.aggregate({
    where: { tenantId, cartId },
    _count: true,
    _max: { quantity: true },
  });
  if (_count > MAX_LINES) {
    throw refusal<UserErrorCode>(field, 'TOO_MANY_LINES', `A cart has up to ${MAX_LINES} lines.`);
  }
  if ((_max.quantity ?? 0) > MAX_QUANTITY) {
    throw refusal<UserErrorCode>(field, 'INVALID', `A line has a quantity of up to ${MAX_QUANTITY}.`);
  }
}
