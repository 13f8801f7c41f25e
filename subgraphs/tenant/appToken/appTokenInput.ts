import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { list, notNull, readInput, text } from '../../shared/inputReader';
import { PERMISSIONS, type Permission } from '../../shared/permissions';
import type { AppTokenCreateInput, AppTokenUpdateInput } from '../generated/resolvers';

const MAX_NAME = 100;
const MAX_ADDRESSES = 50;

const NETWORK =
  'Expected an IPv4 address or a network, such as 203.0.113.7 or 2001:db8::/48; of IPv6 at most 64 bits, which are one client.';

/** The gateway takes an IPv6 network of 64 bits for one client: see clientAddress.ts. */
function isNetwork(given: string): boolean {
  if (!ipaddr.isValidCIDR(given)) return ipaddr.IPv4.isValidFourPartDecimal(given);
  const [address, bits] = ipaddr.parseCIDR(given);
  return address.kind() === 'ipv4' || bits <= 64;
}

const name = text(MAX_NAME);
const addresses = list(text(50).refine(isNetwork, NETWORK), { max: MAX_ADDRESSES }).transform((given) => [
  ...new Set(given),
]);
const expiry = z.coerce.date().refine((given) => given > new Date(), 'Expected a time to come.');

const isPermission = (given: string): given is Permission => PERMISSIONS.some((known) => known === given);

/** @param held what whoever makes the token may do. */
function permissionsOf(held: readonly Permission[]) {
  const permission = z
    .string()
    .refine(isPermission, `Expected one of ${PERMISSIONS.join(', ')}.`)
    .refine((given) => !isPermission(given) || held.includes(given), 'You don’t have this permission yourself.');
  return list(permission, { max: PERMISSIONS.length }).transform(withReading);
}

/** Managing includes reading. */
function withReading(given: readonly string[]): Permission[] {
  const all = new Set(given.flatMap((one) => [one, one.replace(/:manage$/, ':read')]));
  return PERMISSIONS.filter((permission) => all.has(permission));
}

/** @throws UserErrors with everything that is wrong with the input. */
export function readNewToken(input: AppTokenCreateInput, held: readonly Permission[]) {
  const schema = z
    .object({
      name,
      kind: z.enum(['PRIVATE', 'STOREFRONT']),
      permissions: permissionsOf(held),
      expiresAt: expiry.nullish(),
      allowedAddresses: addresses,
    })
    .superRefine(({ kind, permissions }, context) => {
      const path = ['permissions'];
      if (kind === 'PRIVATE' && permissions.length === 0) {
        context.addIssue({ code: 'custom', path, message: 'Expected at least 1.', params: { code: 'REQUIRED' } });
      }
      if (kind === 'STOREFRONT' && permissions.length > 0) {
        context.addIssue({ code: 'custom', path, message: 'Expected none: it may do what a visitor may.' });
      }
    });
  return readInput(schema, input);
}

const changes = z.object({
  name: notNull(name),
  allowedAddresses: notNull(addresses),
  expiresAt: expiry.nullish(),
});

/** What is to change. @throws UserErrors with everything that is wrong with the input. */
export const readTokenChanges = (input: AppTokenUpdateInput) => readInput(changes, input);
