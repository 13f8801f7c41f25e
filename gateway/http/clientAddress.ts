import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

/** Networks whose word on who is behind them counts: this deployment's own load balancers and front ends. */
export type TrustedProxies = readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

/** "10.0.0.0/8" or "10.0.0.7"; null for what is neither. */
export function networkOf(text: string): TrustedProxies[number] | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/**
 * Who is asking, as far as limits are concerned: the first hop, from here outwards, that is no trusted proxy. What lies behind
 * it in X-Forwarded-For is its own word, and counts for nothing. One IPv6 network of 64 bits is one caller: whoever has one has
 * them all.
 */
export function clientAddressOf(request: IncomingMessage, trusted: TrustedProxies): string {
  const forwarded = (request.headersDistinct['x-forwarded-for'] ?? []).join(',').split(',');
  let client = addressOf(request.socket.remoteAddress ?? '');
  while (client !== null && isWithin(client, trusted)) {
    const next = addressOf(forwarded.pop() ?? '');
    if (next === null) break;
    client = next;
  }
  return client === null ? 'unknown' : asCaller(client);
}

/** Some proxies write a port behind the address. */
function addressOf(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = text
    .trim()
    .replace(/^\[(.+)\](?::\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1');
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}

const isWithin = (address: ipaddr.IPv4 | ipaddr.IPv6, networks: TrustedProxies) =>
  networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));

function asCaller(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address.kind() === 'ipv4') return address.toString();
  return `${(address as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
