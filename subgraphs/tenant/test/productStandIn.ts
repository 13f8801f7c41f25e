import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyCaller } from '../../shared/caller';
import { SIGNING_KEY } from '../../shared/test/askSubgraph';

/** A stub of the product subgraph: it answers how many products a store has. */
export interface ProductStandIn {
  url: string;
  products: Map<string, number>;
  /** Answers 503. */
  isAway: boolean;
  close(): Promise<void>;
}

export async function startProductStandIn(): Promise<ProductStandIn> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { tenantId } = verifyCaller(
      request.headers,
      'product',
      Buffer.concat(chunks).toString(),
      SIGNING_KEY,
      () => false,
    );
    const products = standIn.products.get(tenantId ?? '') ?? 0;
    response
      .writeHead(standIn.isAway ? 503 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ data: { _entities: [{ products }] } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: ProductStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    products: new Map(),
    isAway: false,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return standIn;
}
