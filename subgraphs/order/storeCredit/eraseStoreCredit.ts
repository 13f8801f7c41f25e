import { recordEvents } from '../../shared/events/recordEvent';
import { balanceEvents, postEntries } from '../credit/creditLedger';
import type { Tx } from '../database';

/** Closes the store credit of an account that is erased: nobody could spend it any more. Its ledger stays, without whose it was. */
export async function eraseStoreCredit(tx: Tx, tenantId: string, userId: string): Promise<void> {
  const where = { tenantId, customerId: userId };
  const accounts = await tx.creditAccount.findMany({
    where,
    select: { id: true, balance: true },
    orderBy: { id: 'asc' },
  });
  if (accounts.length === 0) return;
  const changes = accounts.flatMap(({ id, balance }) => (balance > 0n ? [{ accountId: id, amount: -balance }] : []));
  const reason = 'The customer was erased.';
  const posted = await postEntries(tx, { tenantId, kind: 'ADJUST', key: 'erased', reason }, changes);
  if (!posted) throw new Error('Store credit was spent while its customer was erased');
  await recordEvents(tx, balanceEvents(posted));
  await tx.creditAccount.updateMany({ where, data: { customerId: null } });
}
