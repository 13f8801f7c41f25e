import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The networks of this deployment's own load balancers and reverse proxies, whose X-Forwarded-For is trusted. */
export type TrustedProxies = readonly [Address, number][];

/** Parses "10.0.0.0/8" or "10.0.0.7"; null for anything else. */
export function networkOf(text: string): TrustedProxies[number] | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** For Fastify's `trustProxy`, which reads X-Forwarded-For from right to left and stops at the first untrusted address. */
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
 * The address whose rate limit a request counts for: the last one in X-Forwarded-For that is no trusted proxy. Addresses before it may be
 * forged. An IPv6 /64 network counts as one client, because a client can use all its addresses.
 */
export function clientAddressOf({ ips = [] }: Pick<FastifyRequest, 'ips'>): string {
  const client = ips.map(addressOf).findLast((address) => address !== null);
  if (!client) return 'unknown';
  if (client.kind() === 'ipv4') return client.toString();
  const network = (client as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

/** Some proxies append a port to the address. Null for anything that is no address, such as that of a closed connection. */
function addressOf(text = ''): Address | null {
  const bare = text
    .trim()
    .replace(/^\[(.+)\](?::\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1');
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}
