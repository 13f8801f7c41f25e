import { z } from 'zod';
import {
  commonEnv,
  EnvError,
  parseEnv,
  portNumber,
  postgresUrl,
  refuseDevelopmentSecrets,
  subgraphUrl,
} from '../shared/env';

const schema = z.object({
  ...commonEnv,
  ORDER_PORT: portNumber(3003),
  ORDER_DATABASE_URL: postgresUrl,
  PRODUCT_SUBGRAPH_URL: subgraphUrl,
});

export type Env = z.output<typeof schema>;

/** @throws EnvError with all faults at once. */
export function readEnv(source: NodeJS.ProcessEnv): Env {
  const env = parseEnv(schema, source);
  const faults = refuseDevelopmentSecrets(env);
  if (faults.length > 0) throw new EnvError(faults);
  return env;
}
