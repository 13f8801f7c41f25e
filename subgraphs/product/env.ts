import { z } from 'zod';
import { commonEnv, isProduction, parseEnv, portNumber, postgresUrl } from '../shared/env';
import { eventsEnv } from '../shared/events/eventsEnv';
import { mediaEnv } from './files/mediaEnv';

const schemaFor = (production: boolean, hasBucket: boolean) =>
  z.object({
    ...commonEnv(production),
    ...eventsEnv,
    PRODUCT_PORT: portNumber(3002),
    PRODUCT_DATABASE_URL: postgresUrl,
    /** PostgreSQL's own address when PRODUCT_DATABASE_URL is PgBouncer's: LISTEN does not work through a transaction pooler. */
    PRODUCT_DATABASE_DIRECT_URL: postgresUrl.optional(),
    ...mediaEnv(production, hasBucket),
  });

export type Env = z.output<ReturnType<typeof schemaFor>>;

/** @throws EnvError that lists all invalid variables. */
export const readEnv = (source: NodeJS.ProcessEnv): Env =>
  parseEnv(schemaFor(isProduction(source), Boolean(source.MEDIA_S3_BUCKET)), source);
