import ipaddr from 'ipaddr.js';

/** Whether this system may connect to an IP address that a store has chosen. */
export type AllowAddress = (address: string) => boolean;

/** A network with the length of its prefix (CIDR). */
type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** The global unicast addresses of IPv6. All others are unassigned, local, or embed an IPv4 address. */
const IPV6_INTERNET = ipaddr.parseCIDR('2000::/3');

/**
 * Against SSRF (server-side request forgery): allows public addresses only. Refuses private, loopback and link-local addresses (such as
 * a cloud's metadata service), also as IPv4 addresses embedded in IPv6.
 * @param also additional networks that the operator allows; `all` on a developer's machine.
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
