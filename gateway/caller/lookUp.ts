import { SubgraphRefusedCaller, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import { dependencyUnavailable, requestError } from '../requestErrors';

/** What `find` finds in a subgraph. @throws GraphQLError SERVICE_UNAVAILABLE when the subgraph is down. */
export async function lookUp<Found>(find: () => Promise<Found>): Promise<Found> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof SubgraphUnavailable) throw dependencyUnavailable(error.reason);
    if (error instanceof SubgraphRefusedCaller) {
      throw requestError('INTERNAL_SERVER_ERROR', error.message, error.reason);
    }
    throw error;
  }
}
