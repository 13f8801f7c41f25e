import { z } from 'zod';
import { commonEnv, isProduction, parseEnv, portNumber, postgresUrl, subgraphUrl } from '../shared/env';

const schemaFor = (production: boolean) =>
  z.object({
    ...commonEnv(production),
    ORDER_PORT: portNumber(3003),
    ORDER_DATABASE_URL: postgresUrl,
    PRODUCT_SUBGRAPH_URL: subgraphUrl,
  });

export type Env = z.output<ReturnType<typeof schemaFor>>;

/** @throws EnvError with all faults at once. */
export const readEnv = (source: NodeJS.ProcessEnv): Env => parseEnv(schemaFor(isProduction(source)), source);
