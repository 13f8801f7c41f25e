import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

// For a service's process: NODE_OPTIONS="--require ./gateway/dev/ts --require …/observeRoutes.preload.ts". Writes down each route that its
// server takes, as "<service> <method> <path>", in whatever file it is made: Fastify says of every server that it begins.
const [, service = ''] = /(\w+)\/main\.ts$/.exec(process.argv[1] ?? '') ?? [];

subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) {
      appendFileSync(process.env.OBSERVED_ROUTES ?? '', `${service} ${one} ${url}\n`);
    }
  });
});
