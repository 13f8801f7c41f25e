import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../../prisma/databases';
import type { ChaosPlatform, Victim } from './chaosPlatform';
import { countUnsettled, findViolations, type Violation } from './invariants';
import { Load } from './load';

/** The steps of checkout/sagaSteps.ts, and the start of an order. */
const STEPS = [
  'CREATE',
  'RESERVE_STOCK',
  'SPEND_CREDIT',
  'AUTHORIZE_PAYMENT',
  'CONFIRM',
  'COMMIT_STOCK',
  'CAPTURE_PAYMENT',
  'VOID_PAYMENT',
  'RELEASE_STOCK',
] as const;
/** Every point at which a process is killed. */
export const BOUNDARIES = STEPS.flatMap((step) => [`before ${step}`, `after ${step}`]);

/** How long to wait for more orders to reach the boundary, which are then hit by the kill, too. */
const GATHER_MS = 60;
/** How long the waiting orders continue without the killed process, before it is restarted. */
const DEAD_MS = 250;
const SETTLE_SECONDS = 120;
/** How many orders are answered between two kills, unless that takes longer than a dead process's lease plus a backoff. */
const SERVED_BETWEEN_KILLS = 5;
const RECOVERY_SECONDS = 60;

export interface Kill {
  boundary: string;
  victim: Victim;
  at: Date;
  /** The orders that were unfinished at that time. */
  orders: string[];
  acknowledged: number;
  secondsToHeal: number;
}

export interface Outcome {
  kills: Kill[];
  acknowledged: number;
  violations: Violation[];
  complaints: string[];
}

/** Kills processes under load, one after another, then waits until all orders are finished, and checks the invariants in the databases. */
export class ChaosRun {
  readonly kills: Kill[] = [];

  private constructor(
    private readonly platform: ChaosPlatform,
    readonly load: Load,
    private readonly hurry: boolean,
  ) {}

  /** @param hurry expires the leases of dead processes immediately, instead of after half a minute. */
  static async begin(platform: ChaosPlatform, buyers: number, { hurry = false } = {}): Promise<ChaosRun> {
    const run = new ChaosRun(platform, await Load.on(platform.graph), hurry);
    run.load.start(buyers);
    return run;
  }

  /** Kills a process with SIGKILL while at least one order is exactly at the boundary. */
  async kill(boundary: string, victim: Victim): Promise<Kill> {
    const { platform, load } = this;
    await platform.holdAt(boundary);
    await sleep(GATHER_MS);
    const kill: Kill = { boundary, victim, at: new Date(), orders: [], acknowledged: 0, secondsToHeal: 0 };
    if (victim === 'postgres') kill.orders = await this.#unfinished();
    this.kills.push(kill);
    const before = load.promised.orders.length;
    await platform.kill(victim);
    if (victim !== 'postgres') kill.orders = await this.#unfinished();
    if (victim !== 'order') {
      platform.letGo();
      await sleep(DEAD_MS);
    }
    await platform.restart(victim);
    if (this.hurry) await this.#letLeasesRunOut();
    else await this.#untilSomeAreServed();
    kill.acknowledged = load.promised.orders.length - before;
    return kill;
  }

  async end(): Promise<Outcome> {
    await this.load.stop();
    const deadline = Date.now() + SETTLE_SECONDS * 1_000;
    do {
      if (this.hurry) await this.#letLeasesRunOut();
      await sleep(300);
    } while ((await countUnsettled(this.platform.databases)) > 0 && Date.now() < deadline);
    await this.#measureHealing();
    const { promised, complaints } = this.load;
    const violations = await findViolations(this.platform.databases, promised);
    return { kills: this.kills, acknowledged: promised.orders.length, violations, complaints };
  }

  /** Waits until the system has recovered before the next kill: a system that is never up would prove nothing. */
  async #untilSomeAreServed(): Promise<void> {
    const enough = this.load.promised.orders.length + SERVED_BETWEEN_KILLS;
    const deadline = Date.now() + RECOVERY_SECONDS * 1_000;
    while (this.load.promised.orders.length < enough && Date.now() < deadline) await sleep(100);
  }

  /** Expires leases of live processes, too: that also tests that a process whose lease was taken over can't write any more. */
  async #letLeasesRunOut(): Promise<void> {
    const sql = 'UPDATE order_sagas SET lease_until = now() WHERE finished_at IS NULL AND lease_until > now()';
    await withClient(this.platform.databases.order, (client) => client.query(sql));
  }

  async #unfinished(): Promise<string[]> {
    const { rows } = await withClient(this.platform.databases.order, (client) =>
      client.query('SELECT order_id FROM order_sagas WHERE finished_at IS NULL'),
    );
    return rows.map(({ order_id }) => order_id);
  }

  /** From a kill to the end of the last order that it hit; an order hit by several kills counts from the last one. */
  async #measureHealing(): Promise<void> {
    const { rows } = await withClient(this.platform.databases.order, (client) =>
      client.query('SELECT order_id, finished_at FROM order_sagas WHERE finished_at IS NOT NULL'),
    );
    const finished = new Map(rows.map(({ order_id, finished_at }) => [order_id as string, finished_at as Date]));
    const lastKill = new Map(this.kills.flatMap((kill) => kill.orders.map((id) => [id, kill] as const)));
    for (const [id, kill] of lastKill) {
      const seconds = ((finished.get(id)?.getTime() ?? 0) - kill.at.getTime()) / 1_000;
      kill.secondsToHeal = Math.max(kill.secondsToHeal, seconds);
    }
  }
}
