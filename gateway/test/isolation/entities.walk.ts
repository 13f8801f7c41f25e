import type { Role } from '../../../subgraphs/shared/caller';
import { alike, readable } from './asking';
import { entityGuardOf, ROLES, refusalOf } from './document';
import { type Entity, listEntities, SUBGRAPHS } from './operations';
import { selectionOf } from './selectionOf';
import { named, type Walk } from './walk';

const ENTITIES = listEntities();

const queryOf = ({ name, type }: Entity) => `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on ${name} ${selectionOf(type, 2)} } }`;

/** Resolves every entity by its reference directly at its subgraph, so that only the subgraph's checks apply. */
export function describeEntities(walk: () => Walk, roles: readonly Role[] = ROLES): void {
  describe('an entity of another store, straight at its subgraph', () => {
    const entities = ENTITIES.map((entity) => [`${entity.name} of ${entity.subgraph}`, entity] as const);

    it.each(entities)('%s', async (_title, entity) => {
      const { name, subgraph, kind } = entity;
      const { mine, theirs } = walk();
      const [foreign, nobody] = walk().pairOf(kind);
      const own = named(kind, mine.names);
      const ask = (role: Role, ...representations: object[]) =>
        walk().entities(
          subgraph,
          queryOf(entity),
          representations.map((one) => ({ __typename: name, ...one })),
          role,
        );
      for (const role of roles) {
        const [asked, expected, alone, mixed] = await Promise.all([
          ask(role, { id: foreign }),
          ask(role, { id: nobody }),
          ask(role, { id: own }),
          // The caller's own entity keeps its position among others, also when repeated, and is the same with a forged tenant.
          ask(
            role,
            { id: foreign },
            { id: own, tenantId: theirs.store.id },
            { id: nobody },
            { id: own },
            { id: foreign },
          ),
        ]);
        const answer = readable(asked.answer, asked.requestId);
        walk().expectNothingOfTheirs(answer);
        const refusal = refusalOf(entityGuardOf(subgraph, name), role);
        if (refusal) expect([role, answer]).toEqual([role, expect.stringContaining(`"code":"${refusal}"`)]);
        expect([role, alike(answer, { it: foreign }, mine)]).toEqual([
          role,
          alike(readable(expected.answer, expected.requestId), { it: nobody }, mine),
        ]);
        expect([role, walk().statementsOf(asked)]).toEqual([role, walk().statementsOf(expected)]);
        const [found] = alone.answer.data?._entities ?? [];
        const [others] = [asked.answer.data?._entities?.[0]];
        const places = refusal ? undefined : [others, found, expected.answer.data?._entities?.[0], found, others];
        expect([role, mixed.answer.data?._entities]).toEqual([role, places]);
      }
      await walk().expectTheirsUntouched();
    });

    it.each(SUBGRAPHS)('all at once, of each kind its own and the other’s, keep their places: %s', async (subgraph) => {
      const { mine, theirs } = walk();
      const here = ENTITIES.filter((entity) => entity.subgraph === subgraph);
      const representations = here.flatMap(({ name, kind }) => [
        { __typename: name, id: named(kind, theirs.names) },
        { __typename: name, id: named(kind, mine.names) },
      ]);
      const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
        __typename ${here.map(({ name }) => `... on ${name} { id }`).join(' ')} } }`;
      // A type for services only is refused together with its whole batch.
      const role = here.some(({ name }) => refusalOf(entityGuardOf(subgraph, name), 'ADMIN')) ? 'SERVICE' : 'ADMIN';
      const { answer } = await walk().entities(subgraph, query, representations, role);
      expect(answer.errors).toBeUndefined();
      const own = (_: unknown, index: number) => index % 2 === 1;
      expect(answer.data?._entities.filter(own)).toEqual(representations.filter(own));
      expect(answer.data?._entities).toHaveLength(representations.length);
    });

    const odd = ENTITIES.flatMap(({ name, subgraph, kind }) =>
      [
        ['no key', () => ({ __typename: name })],
        ['a key that is a list', (id: unknown) => ({ __typename: name, id: [id, id] })],
        ['a key that is an object', (id: unknown) => ({ __typename: name, id: { contains: id } })],
        ['a tenant as its key', () => ({ __typename: name, tenantId: walk().theirs.store.id })],
        ['a name that is no type', (id: unknown) => ({ __typename: 'toString', id })],
        ['no name', (id: unknown) => ({ id })],
      ].map(
        ([what, of]) =>
          [`${name} of ${subgraph}`, what, subgraph, kind, of] as [
            string,
            string,
            typeof subgraph,
            string,
            (id: unknown) => object,
          ],
      ),
    );
    it.each(odd)('%s with %s is an error or nothing', async (_title, _what, subgraph, kind, of) => {
      const query =
        'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';
      const { answer } = await walk().entities(subgraph, query, [of(named(kind, walk().theirs.names))], 'ADMIN');
      expect([answer.errors !== undefined, answer.data?._entities?.[0] ?? null]).not.toEqual([
        false,
        expect.anything(),
      ]);
      for (const { extensions } of answer.errors ?? [])
        expect(['BAD_USER_INPUT', 'FORBIDDEN']).toContain(extensions?.code);
    });
  });
}
