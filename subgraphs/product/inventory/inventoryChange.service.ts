import { createHash } from 'node:crypto';
import { payload, UserErrors } from '../../shared/errors';
import { recordEvents } from '../../shared/events/recordEvent';
import type { Context } from '../context';
import type { Tx } from '../database';
import { Prisma, type ProductVariant, type StockMovement } from '../generated/prisma/client';
import type { InventoryAdjustInput, InventoryErrorCode, InventorySetInput } from '../generated/resolvers';
import { type Fault, filled, invalid, MAX_STOCK, refused, within } from './inventoryFaults';
import { STOCK_CHANGES, stockChange } from './reservationTransition';
import { levelEvents, type StockChange } from './stockLevels';

interface Changed {
  variant: ProductVariant;
  movement: StockMovement;
}

/** What is asked for, in terms of the variant `v` under its lock. */
interface Request {
  variantId: string;
  /** Change of `available`, and so of what is on hand. */
  delta: Prisma.Sql;
  /** Whether `v` is as the client believes. */
  asExpected: Prisma.Sql;
  reason: string;
  idempotencyKey: string;
  /** All of the above as the client gave it. */
  given: unknown[];
}

/** Puts some on the shelf, or takes some off it. The same key once more is answered with what it did at first. */
export function inventoryAdjust(ctx: Context, { variantId, delta, reason, idempotencyKey }: InventoryAdjustInput) {
  return change(
    ctx,
    {
      variantId,
      delta: Prisma.sql`${delta}::int`,
      asExpected: Prisma.sql`true`,
      reason,
      idempotencyKey,
      given: ['adjust', variantId, delta, reason],
    },
    delta === 0 ? [invalid('delta', 'a change: not 0')] : within('delta', delta, -MAX_STOCK),
  );
}

/** Says how many are on the shelf, if as many are as the client believes. The key as with {@link inventoryAdjust}. */
export function inventorySet(ctx: Context, input: InventorySetInput) {
  const { variantId, quantity, compareQuantity = null, reason, idempotencyKey } = input;
  return change(
    ctx,
    {
      variantId,
      delta: Prisma.sql`(${quantity}::int - v.available - v.reserved)`,
      asExpected: Prisma.sql`(${compareQuantity}::int IS NULL OR v.available + v.reserved = ${compareQuantity}::int)`,
      reason,
      idempotencyKey,
      given: ['set', variantId, quantity, compareQuantity, reason],
    },
    within('quantity', quantity, 0),
  );
}

function change(ctx: Context, request: Request, faults: Fault[]) {
  return payload<'changed', Changed, InventoryErrorCode>('changed', async () => {
    const { tenantId } = ctx;
    const { variantId, reason, idempotencyKey, given } = request;
    const all = [...faults, ...filled('reason', reason), ...filled('idempotencyKey', idempotencyKey)];
    if (all.length > 0) throw new UserErrors(...all);

    const requestHash = createHash('sha256').update(JSON.stringify(given)).digest('base64url');
    return ctx.db.$transaction(async (tx) => {
      const outcome = await write(ctx, tx, request, requestHash);
      await recordEvents(tx, (outcome?.changes ?? []).flatMap(levelEvents));
      const movement = await tx.stockMovement.findFirst({ where: { tenantId, idempotencyKey } });
      if (!movement) throw refusal(outcome);
      if (movement.requestHash !== requestHash) {
        throw refused('idempotencyKey', 'IDEMPOTENCY_CONFLICT', 'This key was used for another request.');
      }
      const variant = await tx.productVariant.findFirstOrThrow({ where: { tenantId, id: variantId } });
      return { variant, movement };
    });
  });
}

interface Outcome {
  onHand: number;
  available: number;
  asExpected: boolean;
  enough: boolean;
  fits: boolean;
  changes: StockChange[];
}

/** One statement: what it compares is what it changes, under the variant's lock. @returns null when there is no such variant. */
async function write(ctx: Context, tx: Tx, request: Request, requestHash: string): Promise<Outcome | null> {
  const { tenantId, actor } = ctx;
  const { variantId, delta, asExpected, reason, idempotencyKey } = request;
  const [outcome] = await tx.$queryRaw<Outcome[]>`
    WITH locked AS (
      SELECT v.id, v.available, v.reserved, v.stock_version, ${delta} AS delta, ${asExpected} AS as_expected,
        v.inventory_policy = 'CONTINUE' OR v.available::bigint + ${delta} >= 0 OR ${delta} >= 0 AS enough,
        v.available::bigint + v.reserved + ${delta} BETWEEN ${-MAX_STOCK}::bigint AND ${MAX_STOCK}::bigint AS fits
      FROM product_variants v WHERE v.tenant_id = ${tenantId} AND v.id = ${variantId}
      FOR NO KEY UPDATE
    ), ledger AS (
      INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, actor_id, impersonator_id, reason, idempotency_key, request_hash)
      SELECT ${tenantId}, new_id('smov'), id, 'ADJUSTMENT', delta, ${actor.actorId}, ${actor.impersonatorId}, ${reason}, ${idempotencyKey}, ${requestHash}
      FROM locked WHERE as_expected AND enough AND fits
      ON CONFLICT (tenant_id, idempotency_key) DO NOTHING RETURNING id
    ), stock AS (
      UPDATE product_variants v SET available = locked.available + locked.delta, stock_version = locked.stock_version + 1
      FROM locked, ledger WHERE v.tenant_id = ${tenantId} AND v.id = locked.id
      RETURNING ${stockChange(Prisma.sql`locked.delta`)} AS change
    )
    SELECT available + reserved AS "onHand", available, as_expected AS "asExpected", enough, fits, ${STOCK_CHANGES} AS changes
    FROM locked`;
  return outcome ?? null;
}

function refusal(outcome: Outcome | null): UserErrors<InventoryErrorCode> {
  if (outcome === null) return refused('variantId', 'NOT_FOUND', 'No such variant.');
  if (!outcome.asExpected) return refused('compareQuantity', 'STALE_QUANTITY', `${outcome.onHand} are on the shelf.`);
  if (!outcome.fits) return refused('variantId', 'INVALID', `At most ${MAX_STOCK} can be on the shelf.`);
  const message = `Orders hold the others: only ${outcome.available} can be taken away.`;
  return refused('variantId', 'INSUFFICIENT_STOCK', message);
}
