import { z } from 'zod';
import { recordEvents } from '../../shared/events/recordEvent';
import { idempotencyKeyFaults, requestHash, requireSameRequest } from '../../shared/idempotency';
import { checkInput } from '../../shared/inputReader';
import { MAX_STOCK } from '../../shared/limits';
import { payload, refusal, throwIfAny, type UserError } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import { Prisma, type ProductVariant, type StockMovement } from '../generated/prisma/client';
import type { InventoryAdjustInput, InventorySetInput, UserErrorCode } from '../generated/resolvers';
import { quantity, reason } from './inventoryInput';
import { STOCK_CHANGES, type StockChange, stockChange } from './stockStatements';
import { thresholdEvents } from './thresholdEvents';

interface Changed {
  variant: ProductVariant;
  movement: StockMovement;
}

/** A change of stock, as SQL on the locked variant `v`. */
interface StockRequest {
  variantId: string;
  /** Added to `available`, and thereby to the quantity on hand. */
  delta: Prisma.Sql;
  /** Whether `v` has the quantity that the client expects. */
  asExpected: Prisma.Sql;
  reason: string;
  idempotencyKey: string;
  /** The client's request, to be compared with another one under the same idempotency key. */
  request: unknown[];
}

const adjustment = z.object({
  delta: quantity(-MAX_STOCK).refine((delta) => delta !== 0, 'Expected a change: not 0.'),
  reason,
});

/** Adds to the stock on hand, or takes from it. A repeat with the same idempotency key returns the first result. */
export function inventoryAdjust(ctx: Context, input: InventoryAdjustInput) {
  const { variantId, delta, idempotencyKey } = input;
  return change(ctx, faultsOf(adjustment, input), {
    variantId,
    delta: Prisma.sql`${delta}::int`,
    asExpected: Prisma.sql`true`,
    reason: input.reason,
    idempotencyKey,
    request: ['adjust', variantId, delta, input.reason],
  });
}

const count = z.object({ quantityOnHand: quantity(0), reason });

/** Sets the stock on hand, if it is still what the client expects (compare and set). Idempotent as {@link inventoryAdjust}. */
export function inventorySet(ctx: Context, input: InventorySetInput) {
  const { variantId, quantityOnHand: counted, expectedQuantityOnHand = null, idempotencyKey } = input;
  return change(ctx, faultsOf(count, input), {
    variantId,
    delta: Prisma.sql`(${counted}::int - v.available - v.reserved)`,
    asExpected: Prisma.sql`(${expectedQuantityOnHand}::int IS NULL OR v.available + v.reserved = ${expectedQuantityOnHand}::int)`,
    reason: input.reason,
    idempotencyKey,
    request: ['set', variantId, counted, expectedQuantityOnHand, input.reason],
  });
}

const faultsOf = <Schema extends z.ZodType>(schema: Schema, input: unknown) =>
  checkInput<Schema, UserErrorCode>(schema, input).faults;

function change(ctx: Context, faults: UserError<UserErrorCode>[], wanted: StockRequest) {
  return payload<'changed', Changed, UserErrorCode>('changed', async () => {
    const { tenantId } = ctx;
    const { variantId, idempotencyKey, request } = wanted;
    throwIfAny([...faults, ...idempotencyKeyFaults(idempotencyKey, 1)]);
    return ctx.db.$transaction(async (tx) => {
      const written = await write(ctx, tx, wanted);
      await recordEvents(tx, (written?.changes ?? []).flatMap(thresholdEvents));
      const movement = await tx.stockMovement.findFirst({ where: { tenantId, idempotencyKey } });
      if (!movement) throw notWritten(written);
      requireSameRequest(movement, request);
      const variant = await tx.productVariant.findFirstOrThrow({ where: { tenantId, id: variantId } });
      return { variant, movement };
    });
  });
}

/** The locked variant before the change, and whether the change was made. */
interface WriteResult {
  onHand: number;
  available: number;
  asExpected: boolean;
  enough: boolean;
  fits: boolean;
  changes: StockChange[];
}

/**
 * Compares and changes the stock in one statement, under the variant's row lock. Writes nothing when the ledger has the idempotency
 * key already. @returns null when there is no such variant.
 */
async function write(ctx: Context, tx: Tx, wanted: StockRequest): Promise<WriteResult | null> {
  const { tenantId, actor } = ctx;
  const { variantId, delta, asExpected, idempotencyKey, request } = wanted;
  const [result] = await tx.$queryRaw<WriteResult[]>`
    WITH locked AS (
      SELECT v.id, v.available, v.reserved, v.stock_version, ${delta} AS delta, ${asExpected} AS as_expected,
        v.inventory_policy = 'CONTINUE' OR v.available::bigint + ${delta} >= 0 OR ${delta} >= 0 AS enough,
        v.available::bigint + v.reserved + ${delta} BETWEEN ${-MAX_STOCK}::bigint AND ${MAX_STOCK}::bigint AS fits
      FROM product_variants v WHERE v.tenant_id = ${tenantId} AND v.id = ${variantId}
      FOR NO KEY UPDATE
    ), ledger AS (
      INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, actor_id, impersonator_id, reason, idempotency_key, request_hash)
      SELECT ${tenantId}, new_id('smov'), id, 'ADJUSTMENT', delta, ${actor.actorId}, ${actor.impersonatorId}, ${wanted.reason},
        ${idempotencyKey}, ${requestHash(request)}
      FROM locked WHERE as_expected AND enough AND fits
      ON CONFLICT (tenant_id, idempotency_key) DO NOTHING RETURNING id
    ), stock AS (
      UPDATE product_variants v SET available = locked.available + locked.delta, stock_version = locked.stock_version + 1
      FROM locked, ledger WHERE v.tenant_id = ${tenantId} AND v.id = locked.id
      RETURNING ${stockChange(Prisma.sql`locked.delta`)} AS change
    )
    SELECT available + reserved AS "onHand", available, as_expected AS "asExpected", enough, fits, ${STOCK_CHANGES} AS changes
    FROM locked`;
  return result ?? null;
}

function notWritten(variant: WriteResult | null) {
  const refuse = refusal<UserErrorCode>;
  if (variant === null) return refuse(['input', 'variantId'], 'NOT_FOUND', 'No such variant.');
  if (!variant.asExpected) {
    return refuse(['input', 'expectedQuantityOnHand'], 'STALE_QUANTITY', `${variant.onHand} are on the shelf.`);
  }
  if (!variant.fits) return refuse(['input', 'variantId'], 'INVALID', `At most ${MAX_STOCK} can be on the shelf.`);
  const message = `Orders hold the others: only ${variant.available} can be taken away.`;
  return refuse(['input', 'variantId'], 'INSUFFICIENT_STOCK', message);
}
