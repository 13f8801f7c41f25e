import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { type Audience, serviceCaller, signCaller } from '../caller';
import { SubgraphUnavailable } from '../subgraphClient';
import type { ErasedRows } from './eraseRows';
import { LIFECYCLE_PATH, type LifecycleOrder } from './lifecycle.route';

/** Orders about one store as a whole, to one subgraph. */
export interface LifecycleClient {
  /** JSON Lines as lifecycle.route.ts describes them. The connection ends early when the subgraph fails half-way. */
  export(tenantId: string, requestId: string): Promise<Readable>;
  erase(tenantId: string, requestId: string): Promise<ErasedRows>;
  close(): Promise<void>;
}

/** The longest that a large store's rows may take to be gone, and the longest silence within an export. */
const PATIENCE_MS = 5 * 60 * 1000;

const receipt = z.object({ erased: z.record(z.string(), z.number()) });

/** @param graphqlUrl the subgraph's full `/graphql` address. Its calls throw SubgraphUnavailable. */
export function createLifecycleClient(graphqlUrl: string, audience: Audience, signingKey: string): LifecycleClient {
  const url = new URL(LIFECYCLE_PATH, graphqlUrl);
  const dispatcher = new Agent({ connections: 4, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS });

  async function post(order: LifecycleOrder, tenantId: string, requestId: string) {
    const body = JSON.stringify(order);
    const caller = serviceCaller(tenantId, requestId);
    const headers = { 'content-type': 'application/json', ...signCaller(caller, audience, body, signingKey) };
    try {
      const answer = await request(url, { method: 'POST', headers, body, dispatcher });
      if (answer.statusCode === 200) return answer.body;
      await answer.body.dump();
      throw new SubgraphUnavailable(audience, `answered ${answer.statusCode} to ${order.action}`);
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
