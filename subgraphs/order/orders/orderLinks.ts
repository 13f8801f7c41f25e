import { deriveKeys, isSignedWith, type Secret, signWith } from '../../shared/hmac';

/** Access tokens: with one a buyer sees an order without signing in. */
export interface OrderLinks {
  /** Derived from the order's id, not stored: a repeated orderCreate answers the same token. */
  tokenFor(tenantId: string, orderId: string): string;
  /** The id of the order that a token of this store was made for; null for anything else. */
  orderOf(tenantId: string, token: string): string | null;
}

/** @param secret a token is valid for as long as the secret that signed it is one of them. */
export function createOrderLinks(secret: Secret): OrderLinks {
  const keys = deriveKeys(secret, 'order access token');
  const messageOf = (tenantId: string, orderId: string) => JSON.stringify([tenantId, orderId]);
  return {
    tokenFor: (tenantId, orderId) => `${orderId}.${signWith(keys, messageOf(tenantId, orderId))}`,
    orderOf: (tenantId, token) => {
      const [orderId = '', signature = ''] = token.split('.', 2);
      return isSignedWith(keys, messageOf(tenantId, orderId), signature) ? orderId : null;
    },
  };
}
