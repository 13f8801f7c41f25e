/** An item's id, made of its order's and its position there: both never change. */
export const itemId = ({ orderId, position }: { orderId: string; position: number }): string =>
  `oitm_${orderId.slice(orderId.indexOf('_') + 1)}_${position}`;
