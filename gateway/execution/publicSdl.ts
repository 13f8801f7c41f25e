import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';

/** A schema as text, sorted by names: the same whether it comes from composing the subgraphs or from the supergraph that is served. */
export const publicSdl = (schema: GraphQLSchema): string => `${printSchema(lexicographicSortSchema(schema))}\n`;
