import { join } from 'node:path';
import { readArguments } from '../dev/arguments';
import { DATA_FOLDER } from '../dev/localPlatform';
import { ChaosPlatform, VICTIMS, type Victim } from './chaosPlatform';
import { BOUNDARIES, ChaosRun, type Outcome } from './chaosRun';

const USAGE = 'npm run chaos [-- --minutes 10] [--buyers 16]';
const FOLDER = join(DATA_FOLDER, 'chaos-postgres');

/**
 * `npm run chaos`: kills the order subgraph, the product subgraph or PostgreSQL before and after each step of an order,
 * under load, then checks the invariants in the databases. Covers every boundary at least once, and continues
 * until the time is over. Exits with 1 when an invariant is violated.
 */
async function main(): Promise<void> {
  const { values } = readArguments({ minutes: { type: 'string' }, buyers: { type: 'string' } }, USAGE);
  const [minutes, buyers] = [Number(values.minutes ?? 10), Number(values.buyers ?? 16)];
  if (!(minutes > 0 && buyers > 0)) throw new Error(`Expected numbers: ${USAGE}`);
  const platform = await ChaosPlatform.start(FOLDER);
  const stop = () => void platform.stop().finally(() => process.exit(1));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  let outcome: Outcome;
  try {
    const run = await ChaosRun.begin(platform, buyers);
    const deadline = Date.now() + minutes * 60_000;
    for (let round = 1; round === 1 || Date.now() < deadline; round += 1) {
      for (const boundary of BOUNDARIES) {
        for (const victim of VICTIMS) {
          if (round > 1 && Date.now() > deadline) break;
          const { at, orders } = await run.kill(boundary, victim);
          console.log(`${at.toISOString()}  ${victim.padEnd(8)} killed ${boundary}, ${orders.length} orders under way`);
        }
      }
    }
    console.log('Waiting for the last orders to finish');
    outcome = await run.end();
  } finally {
    await platform.stop();
  }
  report(outcome);
  if (outcome.violations.length + outcome.complaints.length > 0) process.exitCode = 1;
}

function report({ kills, acknowledged, violations, complaints }: Outcome): void {
  const byOrder = new Map(kills.flatMap((kill) => kill.orders.map((id) => [id, kill] as const)));
  const blamed = (boundary: string, victim: Victim) =>
    violations.filter(({ orderId }) => {
      const kill = orderId === null ? undefined : byOrder.get(orderId);
      return kill?.boundary === boundary && kill.victim === victim;
    }).length;
  console.table(
    BOUNDARIES.flatMap((boundary) =>
      VICTIMS.map((victim) => {
        const here = kills.filter((kill) => kill.boundary === boundary && kill.victim === victim);
        return {
          boundary,
          killed: victim,
          kills: here.length,
          'orders under way': here.reduce((sum, { orders }) => sum + orders.length, 0),
          acknowledged: here.reduce((sum, kill) => sum + kill.acknowledged, 0),
          'seconds to heal': Number(Math.max(0, ...here.map(({ secondsToHeal }) => secondsToHeal)).toFixed(1)),
          violations: blamed(boundary, victim),
        };
      }),
    ),
  );
  console.log(`${kills.length} kills, ${acknowledged} orders acknowledged, ${violations.length} violations.`);
  for (const { rule, orderId, detail } of violations) console.log(`  ${rule}: ${orderId ?? ''} ${detail}`);
  for (const complaint of complaints) console.log(`  a client saw: ${complaint}`);
}

main().then(
  // A request that nobody waits for any more does not keep this alive.
  () => process.exit(),
  (error: Error) => {
    console.error(error);
    process.exit(1);
  },
);
