import ipaddr from 'ipaddr.js';
import type { AllowAddress } from '../dependencies';

/** A network, and the length of its prefix. */
type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** The global unicast addresses of IPv6. The others are not assigned, are local, or embed an IPv4 address. */
const IPV6_INTERNET = ipaddr.parseCIDR('2000::/3');

/**
 * Against SSRF (server-side request forgery): allows public addresses only, and so no private, loopback or link-local address (a
 * cloud's metadata service is at one), also not as an IPv4 address embedded in IPv6.
 * @param also the operator's own networks that are allowed, too; `all` for a developer's machine.
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
