import { UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { SubgraphUnavailable } from '../../shared/subgraphClient';
import type { LiveVariant } from '../catalog/catalogClient';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { CartErrorCode } from '../generated/resolvers';
import { MAX_LINES, MAX_QUANTITY } from './cartInput';

export interface LineToAdd {
  variantId: string;
  quantity: number;
}

/** A line to add, with the price that its buyer sees; null where the catalog did not say. */
export type SeenLine = LineToAdd & { seen: LiveVariant['price'] | null };

/**
 * What is to be added, with prices as they are now. Without the catalog's word anything may be put into a cart: what is not
 * sold shows when it is looked at, or ordered. @throws UserErrors NOT_FOUND at each line that the catalog does not know.
 */
export async function withSeenPrices(ctx: Context, lines: LineToAdd[]): Promise<SeenLine[]> {
  const live = await variantsOrNull(ctx, [...new Set(lines.map(({ variantId }) => variantId))]);
  if (!live) return lines.map((line) => ({ ...line, seen: null }));
  const missing = lines.flatMap(({ variantId }, index) =>
    live.has(variantId)
      ? []
      : [
          {
            field: ['input', 'lines', String(index), 'variantId'],
            code: 'NOT_FOUND' as const,
            message: 'No such variant on sale.',
          },
        ],
  );
  if (missing.length > 0) throw new UserErrors<CartErrorCode>(...missing);
  return lines.map((line) => ({ ...line, seen: live.get(line.variantId)?.price ?? null }));
}

/** @returns null when the catalog does not answer. */
export async function variantsOrNull(
  { catalog, tenantId }: Context,
  ids: string[],
): Promise<Map<string, LiveVariant> | null> {
  try {
    return await catalog.variants(tenantId, ids);
  } catch (error) {
    if (error instanceof SubgraphUnavailable) return null;
    throw error;
  }
}

/** Puts lines into a cart that this transaction has locked: more of what it has, and new ones at its end. @throws UserErrors */
export async function addLines(tx: Tx, tenantId: string, cartId: string, lines: SeenLine[]): Promise<void> {
  const byVariant = new Map<string, SeenLine>();
  for (const line of lines) {
    const before = byVariant.get(line.variantId)?.quantity ?? 0;
    byVariant.set(line.variantId, { ...line, quantity: before + line.quantity });
  }
  // Sorted: ids of one moment don't sort by themselves, and lines stay in the order they were put in.
  const ids = [...byVariant.keys()].map(() => newId('clin')).sort();
  const rows = [...byVariant.values()].map(({ variantId, quantity, seen }, index) => ({
    ...{ id: ids[index], variant_id: variantId, quantity },
    ...{ amount: seen?.minorUnits.toString() ?? null, currency: seen?.currencyCode ?? null },
  }));
  await tx.$executeRaw`
    INSERT INTO cart_lines (tenant_id, cart_id, id, variant_id, quantity, seen_price_amount, seen_currency_code)
    SELECT ${tenantId}, ${cartId}, id, variant_id, quantity, amount, currency
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS line (id text, variant_id text, quantity int, amount bigint, currency text)
    ON CONFLICT (tenant_id, cart_id, variant_id) DO UPDATE SET
      quantity = cart_lines.quantity + excluded.quantity,
      seen_price_amount = excluded.seen_price_amount, seen_currency_code = excluded.seen_currency_code`;
  await refuseTooMuch(tx, tenantId, cartId, ['input', 'lines']);
}

/** Holds for a cart after any change: undoes the transaction where it does not. */
export async function refuseTooMuch(tx: Tx, tenantId: string, cartId: string, field: string[]): Promise<void> {
  const { _count, _max } = await tx.cartLine.aggregate({
    where: { tenantId, cartId },
    _count: true,
    _max: { quantity: true },
  });
  if (_count > MAX_LINES) {
    throw new UserErrors({ field, code: 'TOO_MANY_LINES', message: `A cart has up to ${MAX_LINES} lines.` });
  }
  if ((_max.quantity ?? 0) > MAX_QUANTITY) {
    throw new UserErrors({ field, code: 'INVALID', message: `A line has a quantity of up to ${MAX_QUANTITY}.` });
  }
}
