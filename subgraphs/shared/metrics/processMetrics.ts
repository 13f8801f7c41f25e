import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { version } from '../../../package.json';

let registry: Registry | undefined;

/** Memory, processor, event loop and garbage collection of this process, from the first call on, and which build it is. */
export function processMetrics(): Registry {
  if (registry) return registry;
  registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: 'build_info',
    help: 'Always 1: the version of this build, and of Node.js',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  });
  build.set({ version, node_version: process.version }, 1);
  return registry;
}
