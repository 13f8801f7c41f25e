import pino, { type Logger } from 'pino';

export type { Logger };

/** Fields that hold a secret or a person: they never reach a log line, at the top of one or one level down. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'token',
  'password',
  'secret',
  'email',
  'phone',
  'shippingAddress',
  'x-caller-signature',
  'svix-signature',
];

/** A JSON logger to stdout that names its service in each line. */
export function createLogger(service: string, level = 'info'): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`]), censor: '[redacted]' },
    // An error's own properties may carry a query with its values: the name, the message and the stack are enough. Our own
    // errors give what is not for the caller as `reason`.
    serializers: {
      err: ({ name, message, stack, reason }: Error & { reason?: unknown }) => ({
        ...{ type: name, message, stack },
        ...(typeof reason === 'string' && { reason }),
      }),
    },
  });
}
