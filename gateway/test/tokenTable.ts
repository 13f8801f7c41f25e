import type { Graph } from './postToGraph';
import { startTestGraph } from './testGraph';
import { TokenGate } from './tokenGate';
import { NOW, type Row } from './tokenRows';

/** A test for each row, on a graph of the file's own and a gate of each test's. @param ids which all have a row, in their order. */
export function testRows(rows: Row[], ids: string): () => Graph {
  let graph: Graph;
  beforeAll(async () => {
    graph = await startTestGraph();
  });
  afterAll(() => graph.stop());

  let gate: TokenGate;
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
    gate = new TokenGate();
  });
  afterEach(async () => {
    await gate.keySet?.close();
    jest.restoreAllMocks();
  });

  test.each(rows)('%s %s', async (_id, _what, ask, answer) => expect(await ask(gate, graph)).toEqual(answer), 10_000);

  test('each of the group has a row', () => {
    expect([...new Set(rows.map(([id]) => id))]).toEqual(ids.split(' '));
  });
  return () => graph;
}
