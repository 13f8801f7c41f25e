import { untilDelivered } from '../../../subgraphs/shared/test/untilDelivered';
import { NOT_SENT } from '../isolation/cases';
import { keyOf, listOperations, SUBGRAPHS } from '../isolation/operations';
import { type FullStore, makeFullStore } from '../isolation/stores';
import { TestSupergraph } from '../startSupergraph';
import { CARD, linesWithSecrets, MARK, plantedDocument } from './plantedSecrets';
import { documentOf, listValuePlaces, MANNERS, readApiSchema, type ValueDocument } from './valuePlaces';

let graph: TestSupergraph;
let full: FullStore;

beforeAll(async () => {
  graph = await TestSupergraph.start();
  full = await makeFullStore(graph, 'secrets', 9_000);
});
afterAll(() => {
  require('node:fs').writeFileSync('/tmp/seen.log', graph.lines.join('\n'));
  return graph?.stop();
});

/** What takes something away comes last, so that the others find it. */
const ENDS = /(Delete|Remove|Cancel|Void|Deactivate|Archive)$/;

const operations = listOperations()
  .filter((operation) => operation.publicType !== null && !(keyOf(operation) in NOT_SENT))
  .sort((a, b) => Number(ENDS.test(a.name)) - Number(ENDS.test(b.name)));

const SECRET_HEADERS = {
  cookie: `__session=${MARK}`,
  'svix-signature': `v1,${MARK}`,
  'x-request-id': `not safe ${MARK}`,
};

describe('the logs of all services have no secret and no personal data', () => {
  let answered = 0;

  async function expectNone(documents: readonly ValueDocument[]): Promise<void> {
    const before = graph.lines.length;
    const ids = new Set<string | null>();
    for (const { query, variables } of documents) {
      const { requestId } = await graph.ask({ ...full.store.admin, ...SECRET_HEADERS }, query, variables);
      ids.add(requestId);
    }
    await untilDelivered(
      SUBGRAPHS.map((name) => graph.ownerUrl(name)),
      full.store.id,
    );
    const lines = graph.lines.slice(before);
    const requests = lines.flatMap((line) => {
      const { msg, requestId, service, statements } = JSON.parse(line.slice(line.indexOf('{')));
      return msg === 'request' && ids.has(requestId) ? [{ service, statements }] : [];
    });
    // Each was logged, by the gateway at least: there is something to look through.
    expect(requests.filter(({ service }) => service === 'gateway')).toHaveLength(documents.length);
    answered += requests.filter(({ service, statements }) => service !== 'gateway' && statements > 0).length;
    expect(linesWithSecrets(lines)).toEqual([]);
    const faults = lines.filter((line) => /"level":[56]0/.test(line) && [...ids].some((id) => id && line.includes(id)));
    expect(faults).toEqual([]);
  }

  it('of any kind, in every text and id of every operation', async () => {
    await expectNone(operations.map((operation) => plantedDocument(operation, 'any', full.names)));
  });

  it('that is what the field is for, beside ids that there are, so that it is written, and is in events', async () => {
    await expectNone(operations.map((operation) => plantedDocument(operation, 'fitting', full.names)));
    // Of many, a subgraph has a line, too, and got as far as its database.
    expect(answered).toBeGreaterThan(operations.length / 2);
  });

  it('where a number, a time or a currency is expected', async () => {
    const places = listValuePlaces(readApiSchema());
    await expectNone(
      places.flatMap((place, index) => [
        documentOf(place, `sk_live_${MARK}`, MANNERS[index % MANNERS.length] ?? 'literal'),
        documentOf(place, CARD.repeat(2), 'variable'),
      ]),
    );
  });

  it('in what is no operation: headers, addresses, bodies that can not be read, calls of nobody', async () => {
    const before = graph.lines.length;
    const bodies = [
      `{"query": "${MARK}`,
      MARK,
      `{"query": "{ ${MARK} }"}`,
      `{"query": "{ shop(id: \\"${CARD}\\") ${MARK}"}`,
    ];
    const origins = [graph.gatewayUrl, ...SUBGRAPHS.map((name) => new URL(graph.subgraphUrl(name)).origin)];
    const paths = [
      '/graphql',
      '/api/webhooks/clerk',
      '/webhooks/clerk',
      '/webhooks/stripe',
      '/internal/events',
      '/media/uploads',
    ];
    const headers = {
      ...SECRET_HEADERS,
      authorization: `Bearer ${MARK}`,
      'x-caller': MARK,
      'x-caller-signature': MARK,
      'stripe-signature': MARK,
      'svix-id': `msg_${MARK}`,
    };
    for (const origin of origins) {
      for (const path of paths)
        for (const type of ['application/json', 'application/cloudevents+json', MARK])
          for (const body of bodies)
            await fetch(`${origin}${path}`, { method: 'POST', headers: { ...headers, 'content-type': type }, body });
      for (const path of [`/graphql?query={${MARK}}`, `/media/images/${MARK}/${MARK}`, `/a/b/${MARK}`])
        for (const method of ['GET', 'PUT']) await fetch(`${origin}${path}`, { method, headers });
    }
    const lines = graph.lines.slice(before);
    expect(lines.length).toBeGreaterThan(origins.length * paths.length);
    expect(linesWithSecrets(lines)).toEqual([]);
  });
});
