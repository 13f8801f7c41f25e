import type { PaymentMethod } from '../generated/prisma/client';
import { fitsOrder, type OrderToPay } from './fitsOrder';
import { usableKinds } from './methodKinds';
import { providerAccountByKind } from './paymentMethod.loaders';
import type { PaymentMethodContext } from './paymentMethodContext';

/** The methods that an order can be paid with, in the order to show; none for one that costs nothing. */
export async function offeredMethods(ctx: PaymentMethodContext, order: OrderToPay): Promise<PaymentMethod[]> {
  if (order.total?.minorUnits === 0n) return [];
  const { db, tenantId, services } = ctx;
  const methods = await db.paymentMethod.findMany({
    where: { tenantId, isActive: true, kind: { in: usableKinds(services.providers) } },
    orderBy: [{ position: 'asc' }, { id: 'asc' }],
  });
  const fitting = methods.filter((method) => fitsOrder(method, order));
  if (!fitting.some(({ kind }) => kind === 'STRIPE')) return fitting;
  const account = await providerAccountByKind(ctx).load('STRIPE');
  return fitting.filter(({ kind }) => kind !== 'STRIPE' || account !== null);
}
