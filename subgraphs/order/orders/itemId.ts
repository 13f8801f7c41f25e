/** An item's id: its order's, and then its position there. Both never change. */
export const itemId = ({ orderId, position }: { orderId: string; position: number }): string =>
  `oitm_${orderId.slice(orderId.indexOf('_') + 1)}${position}`;
