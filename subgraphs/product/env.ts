import { z } from 'zod';
import { commonEnv, isProduction, parseEnv, portNumber, postgresUrl } from '../shared/env';

const schemaFor = (production: boolean) =>
  z.object({
    ...commonEnv(production),
    PRODUCT_PORT: portNumber(3002),
    PRODUCT_DATABASE_URL: postgresUrl,
  });

export type Env = z.output<ReturnType<typeof schemaFor>>;

/** @throws EnvError with all faults at once. */
export const readEnv = (source: NodeJS.ProcessEnv): Env => parseEnv(schemaFor(isProduction(source)), source);
