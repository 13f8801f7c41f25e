import type { FastifyInstance, FastifyRequest } from 'fastify';
import { answerError } from './answerError';

/** Whether a request has one Host, or what a trusted proxy forwards in its place, which names a host, with or without a port. */
export function hasHost({ host, raw }: FastifyRequest): boolean {
  const isOne = (raw.headersDistinct.host?.length ?? 0) <= 1;
  return isOne && host !== '' && !/[\s/?#@\\]/.test(host) && URL.canParse(`http://${host}/`);
}

/** Answers requests that no route takes: 405 where another method would do, else 404. */
export function answerUnknownPaths(app: FastifyInstance): void {
  const methodsOf = new Map<string, string[]>();
  const patterns = new Map<string, RegExp>();
  app.addHook('onRoute', ({ url, method }) => {
    methodsOf.set(url, [...(methodsOf.get(url) ?? []), ...[method].flat()]);
    if (url.includes(':')) patterns.set(url, new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`));
  });
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsAt(request.url.split('?', 1)[0] ?? '');
    if (!methods || methods.includes(request.method)) {
      return answerError(request, reply, { status: 404, code: 'NOT_FOUND', message: 'There is nothing here.' });
    }
    const allow = [...new Set(methods)].sort().join(', ');
    const message = `Send this by ${allow}.`;
    return answerError(request, reply, { status: 405, code: 'METHOD_NOT_ALLOWED', message, headers: { allow } });
  });

  /** Of the path itself, or else of all patterns of paths that it fits. */
  function methodsAt(path: string): string[] | undefined {
    const fitting = [...patterns].filter(([, pattern]) => pattern.test(path));
    const found = methodsOf.get(path) ?? fitting.flatMap(([url]) => methodsOf.get(url) ?? []);
    return found.length > 0 ? found : undefined;
  }
}
