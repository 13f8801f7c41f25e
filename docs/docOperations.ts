import { type GraphQLSchema, parse, validate } from 'graphql';

/** A request's JSON in single quotes, or in double quotes with what these need escaped; a shell's other texts don't begin so. */
const REQUEST = /'(\{"query":.*?\})'|"(\{\\"query\\":(?:\\.|\$\([^)]*\)|[^"\\])*\})"/gs;
/** What the shell puts in: a number or a part of a text. */
const SUBSTITUTION = /\$\([^)]*\)/g;

/** What is wrong, by the API's schema, with the operations that a document's commands send: one sentence each, with the line. */
export function operationFaults(text: string, schema: GraphQLSchema): string[] {
  return [...text.matchAll(REQUEST)].flatMap(({ 1: single, 2: double, index }) => {
    const line = text.slice(0, index).split('\n').length;
    const json = single ?? (double ?? '').replace(SUBSTITUTION, '1').replace(/\\(["\\$`])/g, '$1');
    return faultsOfRequest(json, schema).map((fault) => `line ${line}: ${fault}`);
  });
}

function faultsOfRequest(json: string, schema: GraphQLSchema): string[] {
  try {
    const { query } = JSON.parse(json) as { query: string };
    return validate(schema, parse(query)).map(({ message }) => message);
  } catch (error) {
    // It is no JSON, or no GraphQL: its own words say where.
    return [(error as Error).message];
  }
}
