import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { version } from '../../../package.json';

/** Metrics of mechanisms that many parts of a process use: they add theirs where they are defined. */
export const processRegistry = new Registry();

let isCollecting = false;

/** Memory, processor, event loop and garbage collection of this process, from the first call on, and which build it is. */
export function processMetrics(): Registry {
  if (isCollecting) return processRegistry;
  isCollecting = true;
  collectDefaultMetrics({ register: processRegistry });
  const build = new Gauge({
    name: 'build_info',
    help: 'Always 1: the version of this build, and of Node.js',
    labelNames: ['version', 'node_version'],
    registers: [processRegistry],
  });
  build.set({ version, node_version: process.version }, 1);
  return processRegistry;
}
