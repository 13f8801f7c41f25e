import { execute, type GraphQLError, type GraphQLFormattedError, parse } from 'graphql';
import type { Caller } from '../../../subgraphs/shared/caller';
import { graphqlError } from '../../../subgraphs/shared/errors';
import { createLogger } from '../../../subgraphs/shared/log';
import { maskError } from '../../../subgraphs/shared/maskError';
import { runInScope } from '../../../subgraphs/shared/scope';
import { composeSubgraphs } from '../../compose';
import { mergeSchemas } from './mergedSchema';
import { openSubgraphs } from './subgraphs';

/** What the test asks this process. */
export interface Question {
  id: number;
  query: string;
  variables: Record<string, unknown>;
  caller: Caller;
}
export interface Verdict {
  id: number;
  data: unknown;
  errors: Pick<GraphQLFormattedError, 'message' | 'path' | 'extensions'>[];
}

/**
 * Runs as a process of its own, started with the settings of a graph's services: answers operations by one merged schema over the
 * subgraphs' resolvers. A process, because Jest would load the three subgraphs' thousand modules three times as slowly.
 */
async function main(): Promise<void> {
  const subgraphs = await openSubgraphs(process.env);
  const schema = mergeSchemas(composeSubgraphs().apiSdl, subgraphs.schemas);
  const logger = createLogger('judge', 'silent');

  async function answer({ id, query, variables, caller }: Question): Promise<Verdict> {
    const { tenantId } = caller;
    const run = async () =>
      execute({
        schema,
        document: parse(query),
        variableValues: variables,
        contextValue: subgraphs.contextsOf(caller),
      });
    const { data, errors = [] } = tenantId === null ? await run() : await runInScope({ tenantId }, run);
    // An error of no place is about a variable.
    const told = errors.map((error) => (error.path ? error : withBadUserInput(error)));
    return { id, data, errors: told.map((error) => maskError(error.toJSON(), error, logger)) };
  }

  process.on('message', async (question: Question) => process.send?.(await answer(question)));
  process.on('disconnect', () => void subgraphs.close().then(() => process.exit()));
  process.send?.('ready');
}

const withBadUserInput = ({ message }: GraphQLError) => graphqlError('BAD_USER_INPUT', message);

void main();
