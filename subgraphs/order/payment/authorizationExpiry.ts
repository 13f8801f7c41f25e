import { recordEvent, recordEvents } from '../../shared/events/recordEvent';
import type { Logger } from '../../shared/log';
import { formatMoney } from '../../shared/money';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { Payment } from '../generated/prisma/client';
import { orderTransaction } from '../orders/orderTransaction';
import { recordAuthorizationLost, recordCaptured } from './payment.ledger';
import { CAPTURABLE } from './paymentCapture';
import { type PaymentProviders, type ProviderPayment, providerOf } from './paymentProvider';

const INTERVAL_MS = 60_000;
const BATCH_SIZE = 100;
/** How long after its end a provider is asked again that has not given the authorization up yet, or does not answer. */
const AGAIN_MS = 3_600_000;

interface ExpiryDependencies {
  db: Db;
  providers: PaymentProviders;
  logger: Logger;
}

/**
 * Tells staff of authorizations of all stores that are about to end, and records those that have. Only their list is read across tenants, under a
 * row-level policy that shows this task due authorizations and nothing else.
 */
export function startAuthorizationExpiry(dependencies: ExpiryDependencies): PeriodicTask {
  return startPeriodicTask({
    name: 'authorization_expiry',
    everyMs: INTERVAL_MS,
    logger: dependencies.logger,
    // After a full batch more may be due.
    run: async (stopping) => (await checkAuthorizations(dependencies, stopping)) === BATCH_SIZE,
  });
}

/** One batch. @returns how many were due. */
export async function checkAuthorizations(dependencies: ExpiryDependencies, stopping?: AbortSignal): Promise<number> {
  const { db, logger } = dependencies;
  const due = await runInScope(
    { task: 'authorization_expiry' },
    () => db.$queryRaw<{ tenantId: string; id: string }[]>`
      SELECT tenant_id AS "tenantId", id FROM payments
      WHERE status IN ('AUTHORIZED', 'PARTIALLY_CAPTURED') AND authorization_check_at <= now()
      ORDER BY authorization_check_at LIMIT ${BATCH_SIZE}`,
  );
  for (const { tenantId, id } of due) {
    if (stopping?.aborted) break;
    await runInScope({ tenantId }, async () => {
      const where = { tenantId, id, status: { in: [...CAPTURABLE] } };
      const payment = await db.payment.findFirst({ where });
      if (!payment) return;
      try {
        await check(dependencies, payment);
      } catch (error) {
        logger.warn(
          { err: error, paymentId: id },
          'end of an authorization not known yet; it is asked for again later',
        );
        await checkAgain(db, payment);
      }
    });
  }
  return due.length;
}

async function check({ db, providers }: ExpiryDependencies, payment: Payment): Promise<void> {
  const { authorizationExpiresAt: end } = payment;
  // By this process's clock: days are not decided by its skew.
  if (end && end.getTime() > Date.now()) return tell(db, payment, end);
  const report = await providerOf(providers, payment).find(payment);
  const isCaptured = report !== null && report.captured > payment.capturedAmount;
  const isHeld = report?.status === 'AUTHORIZED' || report?.status === 'PARTIALLY_CAPTURED';
  if (isHeld && !isCaptured) return checkAgain(db, payment);
  await orderTransaction(db, payment, async (tx) => {
    const { events } = isCaptured
      ? await recordCaptured(tx, payment, report, `${payment.id}:at_expiry`)
      : await recordAuthorizationLost(tx, payment, {
          ...(report ?? unknown(payment)),
          failureCode: 'authorization_expired',
        });
    await recordEvents(tx, events);
  });
}

/** The provider is asked when it has ended. */
function tell(db: Db, payment: Payment, end: Date): Promise<void> {
  const { tenantId, id, orderId, currencyCode, version } = payment;
  return db.$transaction(async (tx) => {
    const { count } = await tx.payment.updateMany({
      where: { tenantId, id, status: { in: [...CAPTURABLE] }, authorizationCheckAt: payment.authorizationCheckAt },
      data: { authorizationCheckAt: end },
    });
    if (count === 0) return;
    const amount = formatMoney({ minorUnits: payment.authorizedAmount - payment.capturedAmount, currencyCode });
    const data = { orderId, amount, expiresAt: end.toISOString() };
    await recordEvent(tx, { type: 'payment.authorization_expiring', aggregateId: id, aggregateVersion: version, data });
  });
}

async function checkAgain(db: Db, { tenantId, id }: Payment): Promise<void> {
  const authorizationCheckAt = new Date(Date.now() + AGAIN_MS);
  await db.payment.updateMany({ where: { tenantId, id }, data: { authorizationCheckAt } });
}

/** Of a payment that its provider does not know any more. */
const unknown = (payment: Payment): ProviderPayment => ({
  reference: payment.providerReference,
  status: 'VOIDED',
  authorized: 0n,
  captured: 0n,
  capturesParts: false,
  authorizationExpiresAt: null,
  currencyCode: payment.currencyCode,
  clientSecret: null,
  failureCode: null,
});
