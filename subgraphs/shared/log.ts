import pino, { type Logger } from 'pino';

export type { Logger };

/** Fields with secrets or personal data, which are redacted in every log line, at the top level and one level below. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'token',
  'password',
  'secret',
  'email',
  'phone',
  'shippingAddress',
  'billingAddress',
  'x-caller-signature',
  'svix-signature',
];

/** Logs JSON lines to stdout, each with the service's name. */
export function createLogger(service: string, level = 'info'): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`]), censor: '[redacted]' },
    // Logs only some properties of an error, since others may contain a query with its values. `reason`, in our own errors, is for
    // the log only.
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
