import { inTreeOrder } from './categoryTree';

const node = (id: string, parentId: string | null) => ({ id, parentId });

it('puts parents before their children, and children right behind their parent, in the given order', () => {
  const nodes = [
    node('b', null),
    node('a2', 'a'),
    node('a', null),
    node('b1', 'b'),
    node('a1', 'a'),
    node('a2x', 'a2'),
  ];
  expect(inTreeOrder(nodes).map(({ id }) => id)).toEqual(['b', 'b1', 'a', 'a2', 'a2x', 'a1']);
});
