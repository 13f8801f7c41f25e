import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** The tokens by which a buyer sees an order without signing in. */
export interface OrderLinks {
  /** The same for an order each time: a repeated orderCreate gets it again, and no database keeps it. */
  tokenFor(tenantId: string, orderId: string): string;
  /** The id of the order that a token of this store was made for; null for anything else. */
  orderOf(tenantId: string, token: string): string | null;
}

/** @param secret of this system's services. Another one makes all tokens void. */
export function createOrderLinks(secret: string): OrderLinks {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'order access token', 32));
  const proof = (tenantId: string, orderId: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([tenantId, orderId]))
      .digest();
  return {
    tokenFor: (tenantId, orderId) => `${orderId}.${proof(tenantId, orderId).toString('base64url')}`,
    orderOf: (tenantId, token) => {
      const [orderId = '', given = ''] = token.split('.', 2);
      const expected = proof(tenantId, orderId);
      const bytes = Buffer.from(given, 'base64url');
      return bytes.length === expected.length && timingSafeEqual(bytes, expected) ? orderId : null;
    },
  };
}
