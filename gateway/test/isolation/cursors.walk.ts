import { alike, askPatiently, headersOf, readable } from './asking';
import { type List, listLists } from './lists';
import type { FullStore } from './stores';
import { named, type Walk } from './walk';

/** A query for one row of a list, by the store's own ids. */
function queryOf(
  { operation, path, field }: List,
  { names }: FullStore,
): { query: string; variables: Record<string, unknown> } {
  const [leaf] = path.length === 0 ? [] : operation.leaves.filter(({ path }) => path.length === 1);
  const list = `list: ${path.at(-1) ?? field.name}(first: 1, after: $after) { nodes { __typename } edges { cursor } pageInfo { endCursor } }`;
  const declared = leaf ? `, $own: ${operation.field.args.find(({ name }) => name === leaf.path[0])?.type}` : '';
  if (path.length === 0) return { query: `query ($after: String) { ${list} }`, variables: {} };
  const below = path.slice(0, -1).reduceRight((inner, step) => `${step} { ${inner} }`, list);
  return {
    query: `query ($after: String${declared}) { ${operation.name}${leaf ? `(${leaf.path[0]}: $own)` : ''} { ${below} } }`,
    variables: leaf ? { own: named(leaf.kind, names) } : {},
  };
}

/** The first cursor in an answer, at any depth. */
const cursorIn = (answer: unknown): string | null => /"endCursor":"([\w-]+)"/.exec(JSON.stringify(answer))?.[1] ?? null;

/** Continues every list, also nested ones, from a cursor of another store's list. */
export function describeCursors(walk: () => Walk): void {
  describe('a cursor of another store', () => {
    it.each(listLists().map((list) => [list.title, list] as const))('%s', async (title, list) => {
      const { graph, mine, theirs } = walk();
      const ask = async (store: FullStore, headers: Record<string, string>, after: string | null) => {
        const { query, variables } = queryOf(list, store);
        const requestId = crypto.randomUUID();
        const { status, body } = await askPatiently(graph, { ...headers, 'x-request-id': requestId }, query, {
          ...variables,
          after,
        });
        return { answer: readable({ status, body }, requestId), requestId, body };
      };
      const asStaff = await ask(theirs, theirs.store.admin, null);
      const cursor =
        cursorIn(asStaff.body) ?? cursorIn((await ask(theirs, theirs.store.customer('user_ada'), null)).body);
      if (cursor === null) {
        throw new Error(
          `${title} is empty: give the stores one in gateway/test/isolation/stores.ts. ${asStaff.answer}`,
        );
      }
      const parts: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
      // Of nobody, and next to it in any order.
      const madeUp = Buffer.from(JSON.stringify([...parts.slice(0, -1), `${parts.at(-1)}0`]));
      for (const role of ['ADMIN', 'CUSTOMER', 'VISITOR'] as const) {
        const foreign = await ask(mine, headersOf(mine, role), cursor);
        const expected = await ask(mine, headersOf(mine, role), madeUp.toString('base64url'));
        walk().expectNothingOfTheirs(foreign.answer);
        expect([role, alike(foreign.answer, {}, mine)]).toEqual([role, alike(expected.answer, {}, mine)]);
        expect([role, walk().statementsOf(foreign)]).toEqual([role, walk().statementsOf(expected)]);
      }
    });
  });
}
