import { isDeepStrictEqual } from 'node:util';
import { buildSchema, type ExecutionResult, type GraphQLError, Kind, parse, validate } from 'graphql';
import type { SubgraphResult } from '../../subgraphs/shared/subgraphClient';
import type { SubgraphOperation } from '../execution/executePlan';
import { createGraph, type Graph } from '../execution/graph';

/** A case of the audit: what a query must be answered with, where `errors` is whether there are any, if that counts. */
interface Case {
  query: string;
  expected: { data?: unknown; errors?: boolean };
}

/**
 * `npm run audit:federation`: the public audit of federation gateways (graphql-hive/federation-gateway-audit) on this gateway's planning
 * and execution, with the audit's own subgraphs. Its server has to run: docs/CONFORMANCE.md.
 */
async function audit(origin: string): Promise<void> {
  const suites = await getJson<string[]>(`${origin}/ids`);
  let passed = 0;
  let failed = 0;
  for (const suite of suites) {
    const supergraphSdl = await (await fetch(`${origin}/${suite}/supergraph`)).text();
    const graph = await createGraph(supergraphSdl);
    const cases = await getJson<Case[]>(`${origin}/${suite}/tests`);
    for (const [index, { query, expected }] of cases.entries()) {
      const { data = null, errors = [] } = await execute(graph, query, subgraphsOf(supergraphSdl));
      const asksErrors = typeof expected.errors === 'boolean';
      const isRight = isDeepStrictEqual(plain(data), expected.data ?? null);
      if (isRight && (!asksErrors || errors.length > 0 === expected.errors)) passed += 1;
      else {
        failed += 1;
        const told = errors.map(({ message, path }) => `${path?.join('.')}: ${message}`);
        console.log(`${suite} ${index}\n${query}\n`, JSON.stringify({ expected, data, errors: told }, null, 1));
      }
    }
    await graph.stop();
  }
  console.log(`${passed} of ${passed + failed} cases in ${suites.length} suites`);
}

async function execute(graph: Graph, query: string, urls: Map<string, string>): Promise<ExecutionResult> {
  const document = parse(query);
  const errors = validate(graph.schema, document);
  if (errors.length > 0) return { errors };
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('A case has no operation');
  try {
    return await graph.execute({ document, operation, variables: {} }, async (subgraph, sent) => {
      const response = await post(urls.get(subgraph) ?? '', sent);
      return (await response.json()) as SubgraphResult;
    });
  } catch (error) {
    // As Apollo Server answers when the execution throws.
    return { errors: [error as GraphQLError] };
  }
}

const post = (url: string, operation: SubgraphOperation) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(operation),
  });

/** By name, from the supergraph's `join__Graph`. */
function subgraphsOf(supergraphSdl: string): Map<string, string> {
  const urls = new Map<string, string>();
  const schema = buildSchema(supergraphSdl, { assumeValidSDL: true });
  const graphs = schema.getType('join__Graph')?.astNode;
  for (const { directives = [] } of graphs && 'values' in graphs ? (graphs.values ?? []) : []) {
    const args = directives.flatMap((directive) => directive.arguments ?? []);
    const text = (wanted: string) => args.find(({ name }) => name.value === wanted)?.value;
    const [name, url] = [text('name'), text('url')];
    if (name?.kind === Kind.STRING && url?.kind === Kind.STRING) urls.set(name.value, url.value);
  }
  return urls;
}

const getJson = async <Body>(url: string) => (await (await fetch(url)).json()) as Body;
const plain = (data: unknown): unknown => JSON.parse(JSON.stringify(data));

void audit(process.argv[2] ?? 'http://localhost:4200');
