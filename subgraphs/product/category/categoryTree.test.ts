import fc from 'fast-check';
import { branchOf, inTreeOrder, levelOf } from './categoryTree';

const node = (id: string, parentId: string | null) => ({ id, parentId });

const NODES = [node('b', null), node('a2', 'a'), node('a', null), node('b1', 'b'), node('a1', 'a'), node('a2x', 'a2')];

it('sorts depth first: children directly after their parent, siblings in the given order', () => {
  expect(inTreeOrder(NODES).map(({ id }) => id)).toEqual(['b', 'b1', 'a', 'a2', 'a2x', 'a1']);
});

it('counts levels from the top, and within a branch from the branch’s top', () => {
  expect(['b', 'a2', 'a2x', null].map((id) => levelOf(NODES, id))).toEqual([1, 2, 3, 0]);
  expect([...branchOf(NODES, 'a')]).toEqual([
    ['a', 1],
    ['a2', 2],
    ['a1', 2],
    ['a2x', 3],
  ]);
});

it('keeps every node of any tree once, after its parent', () => {
  const trees = fc
    .array(fc.nat(), { maxLength: 40 })
    .map((seeds) => seeds.map((seed, n) => node(`n${n}`, seed % (n + 1) === n ? null : `n${seed % (n + 1)}`)));
  fc.assert(
    fc.property(trees, (nodes) => {
      const ordered = inTreeOrder(nodes).map(({ id }) => id);
      expect([...ordered].sort()).toEqual(nodes.map(({ id }) => id).sort());
      for (const { id, parentId } of nodes) {
        if (parentId !== null) expect(ordered.indexOf(parentId)).toBeLessThan(ordered.indexOf(id));
      }
    }),
  );
});
