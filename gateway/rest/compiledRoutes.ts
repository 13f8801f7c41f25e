import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../../subgraphs/shared/log';
import { type CompiledRoute, compileRoute } from './compileRoute';
import { REST_ROUTES, type RestRoute } from './routeTable';

/** What the routes mean in a schema, worked out once for each. */
export function createCompiler(log: Logger) {
  const known = new WeakMap<GraphQLSchema, ReadonlyMap<RestRoute, CompiledRoute>>();
  return (schema: GraphQLSchema): ReadonlyMap<RestRoute, CompiledRoute> => {
    const compiled = known.get(schema) ?? compileAll(schema, log);
    known.set(schema, compiled);
    return compiled;
  };
}

/** A route whose operation a supergraph does not have is answered with 404. */
function compileAll(schema: GraphQLSchema, log: Logger): ReadonlyMap<RestRoute, CompiledRoute> {
  const compiled = new Map<RestRoute, CompiledRoute>();
  for (const route of REST_ROUTES) {
    const one = compileRoute(route, schema);
    if (one) compiled.set(route, one);
  }
  if (compiled.size < REST_ROUTES.length) {
    log.warn({ missing: REST_ROUTES.length - compiled.size }, 'the supergraph lacks operations of REST routes');
  }
  return compiled;
}
