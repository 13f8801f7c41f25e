import { type NewEvent, recordEvents } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { formatMoney } from '../../shared/money';
import type { Tx } from '../database';
import type { OrderDispute, Payment } from '../generated/prisma/client';
import { BLOCKING, isOver, type ProviderDispute, withheldOf } from './disputeState';

/** Optimistic locking: the dispute was written since the provider was asked. It has to be asked again. */
export class DisputeChanged extends Error {
  override readonly name = 'DisputeChanged';
}

/** Why a payment with a dispute is flagged; a flag of another cause is kept. */
const FLAG = 'Its buyer disputes it with their bank.';

/**
 * Writes a provider's report, what it withholds of the payment, and its event.
 * @param before the dispute's row, read before the provider was asked; null when there was none. So a report that is older than the row can't
 * replace it, whatever the order of the provider's messages.
 * @returns whether it says anything new. @throws DisputeChanged
 */
export async function recordDispute(
  tx: Tx,
  { tenantId, orderId }: Payment,
  before: OrderDispute | null,
  report: ProviderDispute,
): Promise<boolean> {
  // The lock serializes with refunds of the payment and with its other disputes.
  await tx.$queryRaw`SELECT 1 FROM payments WHERE tenant_id = ${tenantId} AND order_id = ${orderId} FOR UPDATE`;
  const payment = await tx.payment.findFirstOrThrow({ where: { tenantId, orderId } });
  const { reference: providerReference, ...reported } = report;
  const current = await tx.orderDispute.findFirst({ where: { tenantId, providerReference } });
  if (current?.version !== before?.version) throw new DisputeChanged();
  const closedAt = isOver(report.status) ? (current?.closedAt ?? new Date()) : null;
  const row = { ...reported, withheldAmount: withheldOf(report, payment), closedAt };
  if (current && isSame(current, row)) return false;
  const dispute = current
    ? await tx.orderDispute.update({
        where: { tenantId_id: { tenantId, id: current.id } },
        data: { ...row, version: { increment: 1 } },
      })
    : await tx.orderDispute.create({ data: { ...row, tenantId, id: newId('disp'), orderId, providerReference } });
  await writeSums(tx, payment);
  await recordEvents(tx, [eventOf(dispute, current)]);
  return true;
}

const isSame = (current: OrderDispute, row: Partial<OrderDispute>): boolean =>
  Object.entries(row).every(([name, value]) => {
    const known = current[name as keyof OrderDispute];
    return known instanceof Date && value instanceof Date ? known.getTime() === value.getTime() : known === value;
  });

/** What all disputes of a payment withhold, and whether staff have to look at it. */
async function writeSums(tx: Tx, { tenantId, id, orderId, flag }: Payment): Promise<void> {
  const where = { tenantId, orderId };
  const { _sum } = await tx.orderDispute.aggregate({ where, _sum: { withheldAmount: true } });
  const isFlagged = (await tx.orderDispute.count({ where: { ...where, ...BLOCKING } })) > 0;
  await tx.payment.updateMany({
    where: { tenantId, id },
    data: {
      disputedAmount: _sum.withheldAmount ?? 0n,
      ...(isFlagged && flag === null && { flag: FLAG }),
      ...(!isFlagged && flag === FLAG && { flag: null }),
    },
  });
}

function eventOf(dispute: OrderDispute, before: OrderDispute | null): NewEvent {
  const { id: aggregateId, version: aggregateVersion, orderId, amount, currencyCode, reason, status } = dispute;
  const type = isOver(status) ? 'dispute.closed' : before ? 'dispute.updated' : 'dispute.opened';
  const data = {
    orderId,
    amount: formatMoney({ minorUnits: amount, currencyCode }),
    reason: reason.slice(0, 100),
    status,
    evidenceDueAt: dispute.evidenceDueAt?.toISOString() ?? null,
  };
  return { type, aggregateId, aggregateVersion, data };
}
