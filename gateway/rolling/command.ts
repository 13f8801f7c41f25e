import { join } from 'node:path';
import { readArguments } from '../dev/arguments';
import { bundleServices } from '../dev/bundle';
import { DATA_FOLDER } from '../dev/localPlatform';
import { SERVICES } from '../test/startSupergraph';
import { Requests } from './requests';
import { RollingPlatform } from './rollingPlatform';

const USAGE = 'npm run rolling [-- --minutes 5] [--rate 50] [--rotate]';

/**
 * `npm run rolling`: two instances of each service behind a load balancer, requests at a steady rate, and each instance replaced in turn by
 * SIGTERM, again and again until the time is over. Exits with 1 when one request failed. `--rotate` changes CALLER_SIGNING_KEY on the way.
 */
async function main(): Promise<void> {
  const { values } = readArguments(
    { minutes: { type: 'string' }, rate: { type: 'string' }, rotate: { type: 'boolean' } },
    USAGE,
  );
  const [minutes, rate] = [Number(values.minutes ?? 5), Number(values.rate ?? 50)];
  if (!(minutes > 0 && rate > 0)) throw new Error(`Expected numbers: ${USAGE}`);
  process.env.SERVICE_BUNDLES = await bundleServices();
  const platform = await RollingPlatform.begin(join(DATA_FOLDER, 'rolling-postgres'));
  const stop = () => void platform.stop().finally(() => process.exit(1));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const old = platform.callerKeys;
  const renewed = `${crypto.randomUUID()}${crypto.randomUUID()}`;
  const rotation = values.rotate ? [`${old},${renewed}`, `${renewed},${old}`, renewed] : [];
  let restarts = 0;
  try {
    const requests = await Requests.to(platform);
    const deadline = Date.now() + minutes * 60_000;
    requests.start(rate);
    do {
      platform.callerKeys = rotation.shift() ?? platform.callerKeys;
      for (const name of SERVICES) {
        if (Date.now() > deadline && restarts > 0 && rotation.length === 0) break;
        await platform.replace(name);
        restarts += 2;
        console.log(
          `${new Date().toISOString()}  ${name} replaced; ${requests.sent} requests, ${requests.failures.length} failed`,
        );
      }
    } while (Date.now() < deadline || rotation.length > 0);
    await requests.stop();
    const { sent, failures, orders, pending, slowestMs } = requests;
    for (const failure of failures.slice(0, 20)) console.log(`  ${failure}`);
    console.log(
      `${sent} requests, ${orders} of them orders (${pending} answered PENDING), ${restarts} instances replaced: ${failures.length} failed; the slowest answer took ${Math.round(slowestMs)} ms.`,
    );
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    await platform.stop();
  }
}

main().then(
  () => process.exit(),
  (error: Error) => {
    console.error(error);
    process.exit(1);
  },
);
