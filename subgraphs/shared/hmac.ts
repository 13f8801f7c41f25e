import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/**
 * Derives a key for one purpose by HKDF-SHA256 (RFC 5869). A signature for one purpose is invalid for any other, and a derived key reveals
 * nothing of the secret. @param purpose such as "media addresses".
 */
export const deriveKey = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));

/**
 * The HMAC-SHA256 of `message` as base64url. Write a message of several parts as a JSON array and not as joined strings, so that different
 * messages never have the same text.
 */
export const sign = (key: string | Buffer, message: string): string =>
  createHmac('sha256', key).update(message).digest('base64url');

/** Verifies a signature in constant time, so that response times reveal nothing about the right one. */
export function isSigned(key: string | Buffer, message: string, signature: string): boolean {
  const given = Buffer.from(signature);
  const expected = Buffer.from(sign(key, message));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
