import { payload, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { ON_SALE } from '../catalog/visibility';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Prisma, ReservationStatus, StockMovementKind, StockReservationLine } from '../generated/prisma/client';
import type { StockErrorCode, StockReserveLine } from '../generated/resolvers';

/**
 * Takes stock for an order, all lines or none. The order's row in stock_reservations is written first: a second request
 * for the same order waits for the first at its key, and is then answered with the same lines. The stock itself comes
 * last, so that a variant that everybody wants is locked for no longer than it takes to commit.
 */
export function stockReserve(ctx: Context, orderId: string, lines: StockReserveLine[]) {
  return payload<'lines', StockReservationLine[], StockErrorCode>('lines', async () => {
    const priced = await priceLines(ctx, orderId, lines);
    return ctx.db.$transaction(async (tx) => {
      const { tenantId } = ctx;
      const { count } = await tx.stockReservation.createMany({
        data: [{ tenantId, orderId, status: 'RESERVED' }],
        skipDuplicates: true,
      });
      if (count === 0) return reservedBefore(ctx, tx, orderId);
      if (priced.missing !== undefined) throw refused(priced.missing, 'NOT_FOUND', 'No such variant on sale.');

      await tx.stockReservationLine.createMany({ data: priced.lines });
      await tx.stockMovement.createMany({ data: movements(ctx, priced.lines, 'RESERVATION', -1) });
      for (const line of priced.lines) await takeStock(tx, line);
      return priced.lines;
    });
  });
}

/** The lines with name and price as they are now, in one order for all: two orders can't wait for each other's variants. */
async function priceLines(ctx: Context, orderId: string, lines: StockReserveLine[]) {
  const { tenantId } = ctx;
  const variants = await ctx.db.productVariant.findMany({
    where: { tenantId, id: { in: lines.map(({ variantId }) => variantId) }, product: ON_SALE },
    include: { product: { select: { name: true } } },
    relationLoadStrategy: 'join',
  });
  const byId = new Map(variants.map((variant) => [variant.id, variant]));
  const missing = lines.find(({ variantId }) => !byId.has(variantId))?.variantId;
  const priced: StockReservationLine[] = [...lines]
    .sort((a, b) => (a.variantId < b.variantId ? -1 : 1))
    .flatMap(({ variantId, quantity }) => {
      const variant = byId.get(variantId);
      if (!variant) return [];
      return {
        tenantId,
        orderId,
        variantId,
        productId: variant.productId,
        productName: variant.product.name,
        productSku: variant.sku,
        unitPriceAmount: variant.priceAmount,
        currencyCode: variant.currencyCode,
        quantity,
      };
    });
  return { lines: priced, missing };
}

/** One conditional statement decides whether there is enough: no read before it could be true by the time of the write. */
async function takeStock(tx: Tx, { tenantId, variantId, quantity }: StockReservationLine): Promise<void> {
  const { count } = await tx.productVariant.updateMany({
    where: { tenantId, id: variantId, available: { gte: quantity }, product: ON_SALE },
    data: { available: { decrement: quantity }, reserved: { increment: quantity } },
  });
  if (count > 0) return;
  const left = await tx.productVariant.findFirst({ where: { tenantId, id: variantId }, select: { available: true } });
  throw refused(variantId, 'INSUFFICIENT_STOCK', `Fewer are left than were asked for: ${left?.available ?? 0}.`);
}

async function reservedBefore(ctx: Context, tx: Tx, orderId: string): Promise<StockReservationLine[]> {
  const reservation = await tx.stockReservation.findFirst({
    where: { tenantId: ctx.tenantId, orderId },
    include: { lines: { orderBy: { variantId: 'asc' } } },
    relationLoadStrategy: 'join',
  });
  if (!reservation || reservation.status === 'RELEASED') {
    throw new UserErrors({ field: ['orderId'], code: 'RELEASED', message: 'This order was called off.' });
  }
  return reservation.lines;
}

/** How a reservation ends: from which status to which, with which entry in the ledger, and what becomes of the stock. */
interface Settlement {
  from: ReservationStatus;
  to: ReservationStatus;
  movement: StockMovementKind;
  sign: 1 | -1;
  stock(quantity: number): Prisma.ProductVariantUpdateManyMutationInput;
}

const COMMIT: Settlement = {
  from: 'RESERVED',
  to: 'COMMITTED',
  movement: 'SALE',
  sign: -1,
  stock: (quantity) => ({ reserved: { decrement: quantity } }),
};
const RELEASE: Settlement = {
  from: 'RESERVED',
  to: 'RELEASED',
  movement: 'RELEASE',
  sign: 1,
  stock: (quantity) => ({ reserved: { decrement: quantity }, available: { increment: quantity } }),
};
const RETURN: Settlement = {
  from: 'COMMITTED',
  to: 'RELEASED',
  movement: 'RETURN',
  sign: 1,
  stock: (quantity) => ({ available: { increment: quantity } }),
};

/** What the order has reserved leaves the shelf. @returns false when there was nothing (more) to do. */
export function stockCommit(ctx: Context, orderId: string): Promise<boolean> {
  return ctx.db.$transaction((tx) => settle(ctx, tx, orderId, COMMIT));
}

/**
 * Gives an order's stock back. An order that has not reserved yet is marked first, so that a request still under way
 * finds the mark and takes nothing. @returns false when there was nothing (more) to do.
 */
export function stockRelease(ctx: Context, orderId: string): Promise<boolean> {
  return ctx.db.$transaction(async (tx) => {
    const marked = await tx.stockReservation.createMany({
      data: [{ tenantId: ctx.tenantId, orderId, status: 'RELEASED' }],
      skipDuplicates: true,
    });
    if (marked.count > 0) return false;
    return (await settle(ctx, tx, orderId, RELEASE)) || (await settle(ctx, tx, orderId, RETURN));
  });
}

/** The status decides, in one conditional statement, which of two racing settlements happens. The stock comes last, as above. */
async function settle(ctx: Context, tx: Tx, orderId: string, { from, to, movement, sign, stock }: Settlement) {
  const { tenantId } = ctx;
  const turned = await tx.stockReservation.updateMany({
    where: { tenantId, orderId, status: from },
    data: { status: to },
  });
  if (turned.count === 0) return false;
  const lines = await linesOf(ctx, tx, orderId);
  await tx.stockMovement.createMany({ data: movements(ctx, lines, movement, sign) });
  for (const { variantId, quantity } of lines) {
    await tx.productVariant.updateMany({ where: { tenantId, id: variantId }, data: stock(quantity) });
  }
  return true;
}

const linesOf = (ctx: Context, tx: Tx, orderId: string) =>
  tx.stockReservationLine.findMany({ where: { tenantId: ctx.tenantId, orderId }, orderBy: { variantId: 'asc' } });

function movements(ctx: Context, lines: StockReservationLine[], kind: StockMovementKind, sign: 1 | -1) {
  return lines.map(({ variantId, orderId, quantity }) => ({
    tenantId: ctx.tenantId,
    id: newId('smov'),
    variantId,
    kind,
    quantity: sign * quantity,
    orderId,
    actorId: ctx.caller.userId,
  }));
}

const refused = (variantId: string, code: StockErrorCode, message: string) =>
  new UserErrors({ field: ['lines', variantId], code, message });
