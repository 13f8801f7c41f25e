import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import type { CreditAccount } from '../generated/prisma/client';

/** A customer's store credit in a currency, opened with nothing when there is none; its row is locked until the transaction ends. */
export async function openStoreCredit(
  tx: Tx,
  key: Pick<CreditAccount, 'tenantId' | 'currencyCode'> & { customerId: string },
): Promise<CreditAccount> {
  const { tenantId, customerId, currencyCode } = key;
  await tx.$executeRaw`
    INSERT INTO credit_accounts (tenant_id, id, kind, customer_id, currency_code, updated_at)
    VALUES (${tenantId}, ${newId('scra')}, 'STORE_CREDIT', ${customerId}, ${currencyCode}, now())
    ON CONFLICT (tenant_id, customer_id, currency_code) DO UPDATE SET updated_at = credit_accounts.updated_at`;
  return tx.creditAccount.findFirstOrThrow({ where: key });
}
