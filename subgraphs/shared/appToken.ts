import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** PRIVATE: of a program of the store's, with permissions. STOREFRONT: public, stands for the store's address and may do what visitors may. */
export type AppTokenKind = 'PRIVATE' | 'STOREFRONT';

const PREFIXES: Record<AppTokenKind, string> = { PRIVATE: 'mst_live_', STOREFRONT: 'mst_pub_' };
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is just above 2^256. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const FORM = new RegExp(`^(mst_live_|mst_pub_)([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);

/** How a token is recognized without its secret. */
const SHOWN_CHARACTERS = 4;

/**
 * A new token: a prefix by which scanners of leaked secrets find it, 256 random bits, and a CRC-32 of both, so that what only looks like a
 * token is refused without a look-up. The form is that of GitHub's tokens (github.blog, "Behind GitHub's new authentication token formats").
 */
export function newAppToken(kind: AppTokenKind): string {
  const head = `${PREFIXES[kind]}${base62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH)}`;
  return `${head}${checksumOf(head)}`;
}

/** Whether a credential is meant to be a token of this kind, whole or not: Clerk's tokens begin otherwise. */
export const isAppToken = (text: string): boolean => text.startsWith('mst_');

/** @returns null for what is no token. */
export function readAppToken(text: string): { kind: AppTokenKind; hash: string } | null {
  const [, prefix, secret, checksum] = FORM.exec(text) ?? [];
  if (prefix === undefined || checksumOf(`${prefix}${secret}`) !== checksum) return null;
  return { kind: prefix === PREFIXES.PRIVATE ? 'PRIVATE' : 'STOREFRONT', hash: hashOf(text) };
}

/** SHA-256 in hex. No salt and no slow hash: 256 random bits can't be guessed, and the hash is what the token is found by. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** What may be shown of a token, such as mst_live_…Ab3x. */
export const hintOf = (kind: AppTokenKind, token: string): string =>
  `${PREFIXES[kind]}…${token.slice(-SHOWN_CHARACTERS)}`;

const checksumOf = (head: string): string => base62(BigInt(crc32(head)), CHECKSUM_LENGTH);

function base62(value: bigint, length: number): string {
  let digits = '';
  for (let rest = value; digits.length < length; rest /= 62n) digits = `${DIGITS[Number(rest % 62n)]}${digits}`;
  return digits;
}
