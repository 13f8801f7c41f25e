import type { Graph } from './postToGraph';
import { startTestGraph } from './testGraph';
import { TokenGate } from './tokenGate';
import { NOW, type Row } from './tokenRows';

/** Defines a test for each row. The file shares a graph, and each test has its own gate. @param ids each has at least one row, in order. */
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
