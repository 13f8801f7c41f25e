import pino, { type Logger } from 'pino';

export type { Logger };

/** Fields with a secret or personal data. They are redacted in every log line, at the top level and one level down. */
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

/** A JSON logger to stdout. Each line names the service. */
export function createLogger(service: string, level = 'info'): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`]), censor: '[redacted]' },
    // An error's other properties may contain a query with its values, and are not logged. Our own errors have a `reason`, which is
    // for the log only.
    serializers: {
      err: ({ name, message, stack, reason }: Error & { reason?: unknown }) => ({
        type: name,
        message,
        stack,
        ...(typeof reason === 'string' && { reason }),
      }),
    },
  });
}
