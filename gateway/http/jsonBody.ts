import { isUtf8 } from 'node:buffer';
import type { FastifyBodyParser } from 'fastify';

/**
 * A parser of JSON bodies that refuses bytes which are no UTF-8, as RFC 8259 demands: decoded leniently, they would be stored as � for
 * good.
 */
export function readJson(parse: FastifyBodyParser<string>): FastifyBodyParser<Buffer> {
  return (request, body, done) => {
    if (!isUtf8(body)) return done(Object.assign(new Error('The body is not UTF-8'), { statusCode: 400 }));
    return parse(request, body.toString('utf8'), done);
  };
}
