import ipaddr from 'ipaddr.js';
import type { AllowAddress } from '../dependencies';

/** A network, and how many of its bits count. */
export type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** What of IPv6 is the internet; the rest of it is not given out, is this machine's, or wraps an IPv4 address. */
const IPV6_INTERNET = ipaddr.parseCIDR('2000::/3');

/**
 * Allows what is on the internet: no private, loopback or link-local address, a cloud's metadata among them, no IPv4 address in
 * the clothes of IPv6. @param also networks of the operator's own that are allowed besides; `all` for a developer's machine.
 */
export const addressGuard =
  (also: 'all' | readonly Network[]): AllowAddress =>
  (address) =>
    also === 'all' || isPublic(address) || also.some((network) => isIn(address, network));

function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  return ip.range() === 'unicast' && (ip.kind() === 'ipv4' || isIn(ip.toString(), IPV6_INTERNET));
}

function isIn(address: string, network: Network): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  return ip.kind() === network[0].kind() && ip.match(network);
}
