import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { type Audience, serviceCaller, signCaller } from '../caller';
import type { Secret } from '../hmac';
import { SubgraphUnavailable } from '../subgraphClient';
import type { ErasedRows } from './eraseRows';
import { LIFECYCLE_PATH, type LifecycleCommand } from './lifecycle.route';

/** Sends commands about a whole store to one subgraph. */
export interface LifecycleClient {
  /** Streams JSON Lines; see lifecycle.route.ts. The stream ends early when the subgraph fails during the export. */
  export(tenantId: string, requestId: string): Promise<Readable>;
  erase(tenantId: string, requestId: string): Promise<ErasedRows>;
  close(): Promise<void>;
}

/** The longest duration of an erasure, and the longest pause within an export. */
const TIMEOUT_MS = 5 * 60 * 1000;

const receipt = z.object({ erased: z.record(z.string(), z.number()) });

/** @param graphqlUrl the subgraph's full `/graphql` address. The client's calls throw SubgraphUnavailable. */
export function createLifecycleClient(graphqlUrl: string, audience: Audience, signingKey: Secret): LifecycleClient {
  const url = new URL(LIFECYCLE_PATH, graphqlUrl);
  const dispatcher = new Agent({ connections: 4, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });

  async function post(command: LifecycleCommand, tenantId: string, requestId: string) {
    const body = JSON.stringify(command);
    const caller = serviceCaller(tenantId, requestId);
    const headers = { 'content-type': 'application/json', ...signCaller(caller, audience, body, signingKey) };
    try {
      const answer = await request(url, { method: 'POST', headers, body, dispatcher });
      if (answer.statusCode === 200) return answer.body;
      await answer.body.dump();
      throw new SubgraphUnavailable(audience, `answered ${answer.statusCode} to ${command.action}`);
    } catch (error) {
      if (error instanceof SubgraphUnavailable) throw error;
      throw new SubgraphUnavailable(audience, String(error));
    }
  }

  return {
    export: (tenantId, requestId) => post({ action: 'export' }, tenantId, requestId),
    erase: async (tenantId, requestId) => {
      const body = await post({ action: 'erase' }, tenantId, requestId);
      const answer = receipt.safeParse(await body.json().catch((error: Error) => error));
      if (!answer.success) throw new SubgraphUnavailable(audience, 'answered erase without a receipt');
      return answer.data.erased;
    },
    close: () => dispatcher.close(),
  };
}
