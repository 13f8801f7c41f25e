import type { GraphQLError } from 'graphql';

/** A path from the inside to the outside, as it is built while data is shaped. */
export interface PathStep {
  key: string | number;
  above: PathStep | undefined;
}

interface Step {
  below: Map<string | number, Step>;
  ends: boolean;
}

const EACH = '@';

export function pathOf(step: PathStep | undefined): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = step; at; at = at.above) path.unshift(at.key);
  return path;
}

/** Finds the errors that explain why a place in the data is null: one of that place, of one above it, or of one below, from where null came up. */
export class ErrorPaths {
  readonly #root: Step = { below: new Map(), ends: false };

  constructor(errors: readonly GraphQLError[]) {
    for (const { path = [] } of errors) {
      let at = this.#root;
      for (const key of path) {
        const next = at.below.get(key) ?? { below: new Map(), ends: false };
        at.below.set(key, next);
        at = next;
      }
      at.ends = true;
    }
  }

  explain(place: PathStep): boolean {
    if (this.#root.below.size === 0) return this.#root.ends;
    const path = pathOf(place);
    return explains(this.#root, 0);

    function explains(step: Step, depth: number): boolean {
      const key = path[depth];
      if (step.ends || key === undefined) return true;
      const next = step.below.get(key);
      if (next && explains(next, depth + 1)) return true;
      const each = step.below.get(EACH);
      return each !== undefined && explains(each, typeof key === 'number' ? depth + 1 : depth);
    }
  }
}
