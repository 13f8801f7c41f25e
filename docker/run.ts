import { serviceOf } from './services';

// What a container does unless it is told otherwise: it is the service that SERVICE names.
try {
  require(serviceOf(process.env).main);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
