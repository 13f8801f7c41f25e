import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/**
 * A key of its own for one purpose, by HKDF-SHA256 (RFC 5869): what is signed for one purpose proves nothing for another, and who
 * learns a derived key learns nothing of the secret. @param purpose such as "media addresses": another one is another key.
 */
export const deriveKey = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));

/**
 * The HMAC-SHA256 of `message`, as base64url. What has several parts is written so that no two different ones are the same text: as
 * JSON of an array, and not joined.
 */
export const sign = (key: string | Buffer, message: string): string =>
  createHmac('sha256', key).update(message).digest('base64url');

/** Whether `signature` is the one of `message`. It takes as long for a wrong one, however much of it is right. */
export function isSigned(key: string | Buffer, message: string, signature: string): boolean {
  const given = Buffer.from(signature);
  const expected = Buffer.from(sign(key, message));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
