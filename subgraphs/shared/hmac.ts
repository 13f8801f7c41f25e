import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/**
 * A secret of this system, or several while it is rotated: the first one signs, and each is accepted. A rotation drops nothing when every
 * process has got the new one as the second before any has it as the first.
 */
export type Secret = string | readonly string[];

/** The secrets as a list, the one that signs first. */
export const secretsOf = (secret: Secret): readonly string[] => (typeof secret === 'string' ? [secret] : secret);

/** What {@link signWith} and {@link isSignedWith} use: the first key signs, and each is accepted. */
export type KeyRing = readonly [Buffer, ...Buffer[]];

/** A key for one purpose of each secret. See {@link deriveKey}. */
export function deriveKeys(secret: Secret, purpose: string): KeyRing {
  const [first, ...others] = secretsOf(secret).map((each) => deriveKey(each, purpose));
  if (!first) throw new Error(`No secret for ${purpose}`);
  return [first, ...others];
}

/** Signs with the first key. */
export const signWith = ([first]: KeyRing, message: string): string => sign(first, message);

/** Whether one of the keys has signed it. */
export const isSignedWith = (keys: KeyRing, message: string, signature: string): boolean =>
  keys.some((key) => isSigned(key, message, signature));

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
