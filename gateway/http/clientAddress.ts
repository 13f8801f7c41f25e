import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The networks of this deployment's own load balancers and front ends: their X-Forwarded-For is believed. */
export type TrustedProxies = readonly [Address, number][];

/** "10.0.0.0/8" or "10.0.0.7"; null for what is neither. */
export function networkOf(text: string): TrustedProxies[number] | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** For Fastify's `trustProxy`, which walks X-Forwarded-For from here outwards and stops at the first address that is not trusted. */
export function trustedBy(proxies: TrustedProxies): (address: string) => boolean {
  return (text) => {
    const address = addressOf(text);
    return (
      address !== null &&
      proxies.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
    );
  };
}

/**
 * Whose rate limit a request counts for: the first address, from here outwards, that is no trusted proxy. What lies behind it in
 * X-Forwarded-For is only claimed. An IPv6 network of 64 bits is one client: whoever has one address of it has them all.
 */
export function clientAddressOf({ ips = [] }: Pick<FastifyRequest, 'ips'>): string {
  const client = ips.map(addressOf).findLast((address) => address !== null);
  if (!client) return 'unknown';
  if (client.kind() === 'ipv4') return client.toString();
  const network = (client as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

/** Some proxies write a port behind the address. Null for what is no address, as that of a connection which is gone. */
function addressOf(text = ''): Address | null {
  const bare = text
    .trim()
    .replace(/^\[(.+)\](?::\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1');
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}
