import { asOwner } from '../../shared/test/asOwner';

/** The payment method of every store that a test buys in: of the kind TEST. */
export const TEST_METHOD = 'pmth_test';

const open = new Map<string, Promise<unknown>>();

/** Gives a store its {@link TEST_METHOD}, unless it has one. Behind the subgraph's back, because hundreds of stores of tests need it. */
export async function openCheckout(ownerUrl: string, tenantId: string): Promise<void> {
  const key = `${ownerUrl} ${tenantId}`;
  const opening = open.get(key) ?? addMethod(ownerUrl, tenantId, TEST_METHOD, 'TEST');
  open.set(key, opening);
  await opening;
}

/** Adds a payment method without limits. */
export const addMethod = (ownerUrl: string, tenantId: string, id: string, kind: string): Promise<unknown> =>
  asOwner(
    ownerUrl,
    tenantId,
    `INSERT INTO payment_methods (tenant_id, id, kind, name, position, updated_at)
     VALUES ($1, $2, $3::text::"PaymentMethodKind", $3, 0, now()) ON CONFLICT DO NOTHING`,
    [tenantId, id, kind],
  );
