import { serviceOf } from './services';

// The default command of a container: runs the service that SERVICE names.
try {
  require(serviceOf(process.env).main);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
