import { typeidUnboxed } from 'typeid-js';
import type { Receiver } from '../../../subgraphs/shared/caller';
import { restRoutes } from './restRoutes';
import { type ForeignNames, ROUTES as OTHER_ROUTES } from './routes';
import { inItsPlace, nobodys } from './stores';
import type { Walk } from './walk';

const ROUTES = { ...OTHER_ROUTES, ...restRoutes() };

/** Headers that depend on the connection or the time. */
const NOT_COMPARED = new Set(['date', 'connection', 'keep-alive', 'x-request-id', 'transfer-encoding', 'ratelimit']);
/** What the store may still ask for at the moment. */
const REMAINING_COST = /"remaining":\d+/;
/** Tables of an export that background tasks change, and the counts of their rows. */
const IN_ITS_OWN_TIME = /^\{"database":"\w+",("table":"(outbox|inbox)_|"rows":).*\n/gm;

const CASES = Object.entries(ROUTES).flatMap(([route, { asks, told = {} }]) => {
  const [service = '', method = '', path = ''] = route.split(' ');
  // HEAD is tested like GET, because its headers could reveal the same.
  const methods = method === 'GET' ? ['GET', 'HEAD'] : [method];
  return methods.flatMap((one) =>
    Object.entries(asks).map(([what, [status, send]]) => ({
      title: `${service} ${one} ${path}: ${what}`,
      at: { service: service as Receiver, method: one },
      status,
      send,
      isTold: what in told,
    })),
  );
});

/** Requests every route, except GraphQL operations, with another store's identifier in each place that can name an object. */
export function describeRoutes(walk: () => Walk): void {
  describe('a route', () => {
    it('of each of the running servers is asked, and none that no server has', () => {
      expect(walk().routes()).toEqual(Object.keys(ROUTES).sort());
    });

    it.each(['image', 'exported'] as const)('leads to %s of the other store for who has its address', async (kind) => {
      const { theirs, graph } = walk();
      const answer = await fetch(`${graph.gatewayUrl}${theirs.addresses[kind]}`);
      expect(answer.status).toBe(200);
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0);
    });

    it.each(CASES.map((one) => [one.title, one] as const))('%s', async (_title, { at, status, send, isTold }) => {
      const { mine } = walk();
      const asking = { ...at, mine, origin: originOf(walk(), at.service) };
      const [foreign, nobody] = [namesOfTheirs(walk()), namesOfNobody(walk())];
      const answer = await send(asking, foreign);
      const answered = await readable(answer, foreign);
      const expected = await readable(await send(asking, nobody), nobody);
      walk().expectNothingOfTheirs(answered);
      // Of GraphQL, HEAD asks nothing.
      if (at.method !== 'HEAD') expect([answer.status, answered]).toEqual([status, expect.anything()]);
      if (isTold) expect(answered).not.toBe(expected);
      else expect(answered).toBe(expected);
    });

    const silent = Object.keys(ROUTES).filter((route) => Object.keys(ROUTES[route]?.asks ?? {}).length === 0);
    it.each(silent)('%s takes no name, and says none', async (route) => {
      const [service = '', method = '', path = ''] = route.split(' ');
      const response = await fetch(`${originOf(walk(), service as Receiver)}${path}`, { method });
      expect(response.status).toBe(200);
      walk().expectNothingOfTheirs(await response.text());
    });

    it('has changed no row and no file of the other store', () => walk().expectTheirsUntouched());
  });
}

function originOf({ graph }: Walk, service: Receiver): string {
  return service === 'gateway' ? graph.gatewayUrl : new URL(graph.subgraphUrl(service)).origin;
}

function namesOfTheirs({ theirs: { store, addresses, names } }: Walk): ForeignNames {
  const nameOf = (kind: string) => {
    const name = names[kind];
    if (name === undefined) throw new Error(`The other store has no ${kind}`);
    return name;
  };
  return { org: store.id, host: store.visitor['x-store-domain'] ?? '', files: addresses, names: nameOf };
}

function namesOfNobody({ mine: { addresses } }: Walk): ForeignNames {
  const another = (address: string) => inItsPlace(address, { file: typeidUnboxed('file') });
  const { image, exported, upload } = addresses;
  return {
    org: String(nobodys('org')),
    host: `nobody-${Date.now()}.localhost`,
    files: { image: another(image), exported: another(exported), upload: another(upload) },
    names: nobodys,
  };
}

/** Status, headers and body, without the requested identifiers and time-dependent parts. */
async function readable(response: Response, { org, host, files }: Omit<ForeignNames, 'names'>): Promise<string> {
  const head = [...response.headers].filter(([name]) => !NOT_COMPARED.has(name));
  const requestId = response.headers.get('x-request-id');
  const body = (await response.text()).replace(IN_ITS_OWN_TIME, '').replace(REMAINING_COST, '');
  const asked = [org, host, ...Object.values(files).map((address) => address.split('/')[5] ?? '')];
  const text = [...asked, requestId].reduce((all, name) => (name ? all.replaceAll(name, '•') : all), body);
  return `${response.status}\n${head.map((line) => line.join(': ')).join('\n')}\n${text}`;
}
