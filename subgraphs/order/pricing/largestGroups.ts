/**
 * The groups of `all` in which every two go together, and that no other of them could join: the maximal cliques of a graph, by the
 * algorithm of Bron and Kerbosch with pivoting. Those in a group are in the order of `all`.
 */
export function largestGroups<Of>(all: readonly Of[], goTogether: (one: Of, other: Of) => boolean): Of[][] {
  const friends = all.map((one) => all.map((other) => one !== other && goTogether(one, other)));
  const among = (positions: readonly number[], of: number) => positions.filter((one) => friends[of]?.[one]);
  const groups: Of[][] = [];
  function extend(group: readonly number[], candidates: readonly number[], excluded: readonly number[]): void {
    if (candidates.length === 0 && excluded.length === 0 && group.length > 0) {
      groups.push([...group].sort((one, other) => one - other).flatMap((position) => all[position] ?? []));
    }
    const pivot = [...candidates, ...excluded].reduce<number | null>(
      (best, one) => (best === null || among(candidates, one).length > among(candidates, best).length ? one : best),
      null,
    );
    let [left, done] = [candidates, excluded];
    for (const next of candidates.filter((one) => pivot === null || one === pivot || !friends[pivot]?.[one])) {
      extend([...group, next], among(left, next), among(done, next));
      left = left.filter((one) => one !== next);
      done = [...done, next];
    }
  }
  extend(
    [],
    all.map((_, position) => position),
    [],
  );
  return groups;
}
