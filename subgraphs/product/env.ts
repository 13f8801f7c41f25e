import { z } from 'zod';
import { commonEnv, EnvError, parseEnv, portNumber, postgresUrl, refuseDevelopmentSecrets } from '../shared/env';

const schema = z.object({
  ...commonEnv,
  PRODUCT_PORT: portNumber(3002),
  PRODUCT_DATABASE_URL: postgresUrl,
});

export type Env = z.output<typeof schema>;

/** @throws EnvError with all faults at once. */
export function readEnv(source: NodeJS.ProcessEnv): Env {
  const env = parseEnv(schema, source);
  const faults = refuseDevelopmentSecrets(env);
  if (faults.length > 0) throw new EnvError(faults);
  return env;
}
