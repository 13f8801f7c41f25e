import { deriveKey, isSigned, sign } from '../../shared/hmac';

/** Access tokens, with which a buyer sees an order without signing in. */
export interface OrderLinks {
  /** The same for an order each time: a repeated orderCreate answers with it again, and no database keeps it. */
  tokenFor(tenantId: string, orderId: string): string;
  /** The id of the order that a token of this store was made for; null for anything else. */
  orderOf(tenantId: string, token: string): string | null;
}

/** @param secret of this system's services. With another one all tokens that were given out are invalid. */
export function createOrderLinks(secret: string): OrderLinks {
  const key = deriveKey(secret, 'order access token');
  const messageOf = (tenantId: string, orderId: string) => JSON.stringify([tenantId, orderId]);
  return {
    tokenFor: (tenantId, orderId) => `${orderId}.${sign(key, messageOf(tenantId, orderId))}`,
    orderOf: (tenantId, token) => {
      const [orderId = '', signature = ''] = token.split('.', 2);
      return isSigned(key, messageOf(tenantId, orderId), signature) ? orderId : null;
    },
  };
}
