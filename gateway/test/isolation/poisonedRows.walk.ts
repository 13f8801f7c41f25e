import { asOwner } from '../../../subgraphs/shared/test/asOwner';
import { alike, askPatiently, readable } from './asking';
import { nobodys } from './stores';
import { named, type Walk } from './walk';

/** Rows of the order subgraph that refer to rows of the product subgraph, which no foreign key can check. */
const REFERENCES = [
  { table: 'order_items', column: 'product_id', kind: 'prod', of: 'ord' },
  { table: 'order_items', column: 'variant_id', kind: 'pvar', of: 'ord' },
  { table: 'cart_lines', column: 'variant_id', kind: 'pvar', of: 'cart' },
] as const;

const QUERIES = {
  ord: 'query ($id: ID!) { order(id: $id) { items { productName product { id name tenant { id } variants(first: 5) { nodes { sku } } } variant { id sku } } } }',
  cart: 'query ($id: ID!) { cart(id: $id) { lines { variant { id sku price { amount } product { id name } } } warnings { code } } }',
};

/** Requests, through the gateway, another store's entity to which one of the caller's own rows refers after a corruption. */
export function describePoisonedRows(walk: () => Walk): void {
  describe('a row of one’s own that refers to', () => {
    it.each(REFERENCES)(
      'another store’s thing by $table.$column leads nowhere',
      async ({ table, column, kind, of }) => {
        const { graph, mine } = walk();
        const ask = async (id: string | number) => {
          const sql = `UPDATE ${table} SET ${column} = $2 WHERE tenant_id = $1`;
          await asOwner(graph.ownerUrl('order'), mine.store.id, sql, [mine.store.id, id]);
          const requestId = crypto.randomUUID();
          const headers = {
            ...(of === 'cart' ? mine.store.customer('user_ada') : mine.store.admin),
            'x-request-id': requestId,
          };
          const { body } = await askPatiently(graph, headers, QUERIES[of], { id: named(of, mine.names) });
          return { answer: readable(body, requestId), requestId, data: body.data };
        };
        const [foreignId, nobodysId] = [named(kind, walk().theirs.names), nobodys(kind)];
        const foreign = await ask(foreignId);
        const expected = await ask(nobodysId);
        expect(foreign.data).toEqual({ [of === 'cart' ? 'cart' : 'order']: expect.anything() });
        walk().expectNothingOfTheirs(foreign.answer.replaceAll(String(foreignId), ''));
        expect(alike(foreign.answer, { it: foreignId }, mine)).toBe(alike(expected.answer, { it: nobodysId }, mine));
        expect(walk().statementsOf(foreign)).toEqual(walk().statementsOf(expected));
      },
    );
  });
}
