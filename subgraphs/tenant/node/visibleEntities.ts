import { z } from 'zod';
import { serviceUnavailable } from '../../shared/errors';
import { type SubgraphClient, SubgraphUnavailable } from '../../shared/subgraphClient';
import type { EntityOwner, VisibleEntities } from '../dependencies';

const QUERY = `query VisibleEntities($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename }
}`;
const answer = z.object({ _entities: z.array(z.object({ __typename: z.string() }).nullable()) });
/** A type that the caller may not see at all: there is none of it for them. */
const REFUSALS: readonly unknown[] = ['FORBIDDEN', 'UNAUTHENTICATED'];

/** Asks the owner by the references that the gateway would ask it by, so that the same code decides what the caller may see. */
export function createVisibleEntities(subgraphs: Record<EntityOwner, SubgraphClient>): VisibleEntities {
  return async (owner, type, ids, caller) => {
    const representations = ids.map((id) => ({ __typename: type, id }));
    const operation = { query: QUERY, variables: { representations } };
    try {
      const { data, errors = [] } = await subgraphs[owner].execute(operation, caller);
      if (errors.length > 0 && errors.every(({ extensions }) => REFUSALS.includes(extensions?.code))) return [];
      const read = answer.safeParse(data);
      if (errors.length > 0 || !read.success) throw serviceUnavailable();
      return ids.filter((_id, index) => read.data._entities[index]);
    } catch (error) {
      throw error instanceof SubgraphUnavailable ? serviceUnavailable() : error;
    }
  };
}
