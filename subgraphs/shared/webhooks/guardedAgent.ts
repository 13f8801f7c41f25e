import { type LookupAddress, lookup as lookUpBySystem } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AllowAddress } from './publicAddress';

/** Resolves a host to all its addresses, as `dns.lookup` does. */
export type ResolveHost = (host: string) => Promise<LookupAddress[]>;

interface GuardedAgentOptions {
  connectTimeoutMs: number;
  maxConnectionsPerOrigin: number;
  resolve?: ResolveHost;
}

class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

/**
 * An HTTP client for addresses that stores have chosen. Against SSRF, the IP address is checked for each connection, so that DNS
 * rebinding (a name that resolves to another address each time) can't reach private networks; what is refused has the code
 * ADDRESS_REFUSED. `request` does not follow redirects.
 */
export function createGuardedAgent(
  allow: AllowAddress,
  { connectTimeoutMs, maxConnectionsPerOrigin, resolve = resolveBySystem }: GuardedAgentOptions,
): Agent {
  const lookup: LookupFunction = (host, options, callback) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (!first || !addresses.every(({ address }) => allow(address))) callback(new AddressRefused(), '', 0);
        else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
  const connectTo = buildConnector({ timeout: connectTimeoutMs, lookup });
  const connect: buildConnector.connector = (options, callback) => {
    // An IP address is not resolved by `lookup`, which checks host names, so it is checked here.
    if (isIP(options.hostname) !== 0 && !allow(options.hostname)) return callback(new AddressRefused(), null);
    connectTo(options, (error, socket) => {
      if (!socket) return callback(error ?? new Error('no connection'), null);
      if (allow(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(new AddressRefused(), null);
    });
  };
  return new Agent({ connect, connections: maxConnectionsPerOrigin, pipelining: 1 });
}

function resolveBySystem(host: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookUpBySystem(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}
