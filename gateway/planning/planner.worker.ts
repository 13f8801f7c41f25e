import { existsSync, readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse, printSchema } from 'graphql';

/** Runs as a thread of its own: see planner.ts. Its first message is the schema and the system's id of the thread, null where it does not tell a thread's processor time; each further one answers one {@link PlanRequest}; plans are JSON. */
export interface PlanRequest {
  text: string;
}
export type PlannerMessage = { apiSdl: string; threadId: string | null } | { plan: string } | { error: string };

/** Of one operation. Ours have one or two: an operation with more is asked for with far fewer than are possible. */
const MAX_EVALUATED_PLANS = 1_000;
/** By how much this thread's niceness is above that of the thread which answers. */
const NICER = 10;

function start(supergraphSdl: string) {
  const supergraph = Supergraph.build(supergraphSdl);
  const schema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph, {
    // To find a client's fragments again in what is sent takes longer than all else.
    reuseQueryFragments: false,
    debug: { maxEvaluatedPlans: MAX_EVALUATED_PLANS },
  });
  return {
    apiSdl: printSchema(schema.toGraphQLJSSchema()),
    plan: (text: string) => planner.buildQueryPlan(operationFromDocument(schema, parse(text))),
  };
}

// Linux has a priority for each thread, elsewhere it is the process's. Of a processor that both want, answering gets nine parts of ten.
if (process.platform === 'linux') setPriority(Math.min(getPriority() + NICER, constants.priority.PRIORITY_LOW));

const threadId = existsSync('/proc/thread-self/schedstat') ? basename(readlinkSync('/proc/thread-self')) : null;
const answer = (message: PlannerMessage) => parentPort?.postMessage(message);

try {
  const { apiSdl, plan } = start(workerData as string);
  parentPort?.on('message', ({ text }: PlanRequest) => {
    try {
      answer({ plan: JSON.stringify(plan(text)) });
    } catch (error) {
      answer({ error: (error as Error).message });
    }
  });
  answer({ apiSdl, threadId });
} catch (error) {
  answer({ error: (error as Error).message });
}
