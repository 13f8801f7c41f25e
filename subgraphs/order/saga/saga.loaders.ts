import { alignToKeys } from '../../shared/batches';
import { loader } from '../loader';

export const sagaByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const sagas = await db.orderSaga.findMany({ where: { tenantId, orderId: { in: [...orderIds] } } });
  return alignToKeys(orderIds, sagas, (saga) => saga.orderId);
});
