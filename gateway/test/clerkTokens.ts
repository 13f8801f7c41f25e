import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A Clerk instance of the test's own: its key pair, and the issuer and origin that its tokens name. */
export const ISSUER = 'https://clerk.test.example';
export const SHOP_ORIGIN = 'https://shop.test.example';
export const clerk = newKeyPair();

export function newKeyPair(publicExponent = 65_537): { privateKey: KeyObject; publicPem: string; privatePem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent });
  return {
    privateKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

export const nowSeconds = () => Math.floor(Date.now() / 1000);

/** The claims of a session without an active organization. `undefined` leaves a claim out. */
export function sessionClaims(claims: Record<string, unknown> = {}): Record<string, unknown> {
  const now = nowSeconds();
  const session = { sub: 'user_ann', sid: 'sess_1', iss: ISSUER, azp: SHOP_ORIGIN, iat: now, nbf: now, exp: now + 60 };
  return { ...session, v: 2, ...claims };
}

export function signToken(
  claims: Record<string, unknown>,
  { header = {}, key = clerk.privateKey }: { header?: Record<string, unknown>; key?: KeyObject } = {},
): string {
  const input = signingInput(claims, header);
  return `${input}.${sign('RSA-SHA256', Buffer.from(input), key).toString('base64url')}`;
}

/** Header and payload as they are signed, for the tests that sign them wrongly. */
export function signingInput(claims: Record<string, unknown>, header: Record<string, unknown> = {}): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'RS256', typ: 'JWT', kid: 'ins_1', ...header })}.${encode(claims)}`;
}

/** An Authorization header's value for someone, with an organization's claims where they have one active. */
export const bearer = (claims: Record<string, unknown> = {}) => `Bearer ${signToken(sessionClaims(claims))}`;
