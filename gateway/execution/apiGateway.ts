import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { execute, getVariableValues } from 'graphql';
import { addScalarCode } from './apiSchema';
import { argumentFaults } from './argumentFaults';
import type { GatewayContext } from './context';
import { splitIntrospection } from './introspection';
import { variableFaults } from './variables';

type Gateway = ApolloServerOptionsWithGateway<GatewayContext>['gateway'];
type Executor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;
type Result = Awaited<ReturnType<Executor>>;

/**
 * A gateway with what its API schema has no code for: values of scalars and variables are checked before a plan is made, and
 * introspection is answered by graphql-js. Apollo's planner has its own list of what can be introspected, which is older.
 */
export function createApiGateway(gateway: Gateway): Gateway {
  return {
    onSchemaLoadOrUpdate: (listener) =>
      gateway.onSchemaLoadOrUpdate((change) => {
        // What this throws refuses the schema: the gateway keeps the one it has, and does not start without one.
        addScalarCode(change.apiSchema);
        listener(change);
      }),
    async load(options) {
      const { executor } = await gateway.load(options);
      return { executor: executor && checkedExecutor(executor) };
    },
    stop: () => gateway.stop(),
  };
}

const checkedExecutor =
  (executeData: Executor): Executor =>
  async (context) => {
    const { schema, document, operation, request } = context;
    const variables = request.variables ?? {};
    const faults = variableFaults({ schema, document, operation, variables });
    if (faults.length > 0) return { errors: faults };
    const { coerced = {} } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    const wrong = argumentFaults(schema, document, operation, coerced);
    if (wrong.length > 0) return { errors: wrong };

    const { introspection, data, namesFor } = splitIntrospection(document, operation);
    if (introspection === null) return executeData(context);
    const described = (await execute({ schema, document: introspection, variableValues: variables })) as Result;
    if (data === null) return described;
    return merge(await executeData({ ...context, document: data }), described, namesFor(coerced));
  };

/** An answer without data stays without: a field that must not be null failed. */
function merge(result: Result, described: Result, names: readonly string[]): Result {
  if (!result.data) return result;
  const data: Record<string, unknown> = Object.create(null);
  for (const name of names)
    for (const part of [result.data, described.data]) if (part && Object.hasOwn(part, name)) data[name] = part[name];
  const errors = [...(result.errors ?? []), ...(described.errors ?? [])];
  return { ...result, data, ...(errors.length > 0 && { errors }) };
}
