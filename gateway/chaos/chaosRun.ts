import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../../prisma/databases';
import type { ChaosPlatform, Victim } from './chaosPlatform';
import { countUnsettled, findViolations, type Violation } from './invariants';
import { Load } from './load';

/** The steps of checkout/sagaSteps.ts, and the order's own beginning. */
const STEPS = [
  'CREATE',
  'RESERVE_STOCK',
  'AUTHORIZE_PAYMENT',
  'CONFIRM',
  'COMMIT_STOCK',
  'CAPTURE_PAYMENT',
  'VOID_PAYMENT',
  'RELEASE_STOCK',
] as const;
/** Every place where something is killed. */
export const BOUNDARIES = STEPS.flatMap((step) => [`before ${step}`, `after ${step}`]);

/** Orders that come to the boundary meanwhile are killed there, too. */
const GATHER_MS = 60;
/** How long what is held goes on beside a dead part, before that is started again. */
const DEAD_MS = 250;
const SETTLE_SECONDS = 120;
/** Orders that are answered between two kills, unless it takes longer than a dead process's lease and a back-off. */
const SERVED_BETWEEN_KILLS = 5;
const RECOVERY_SECONDS = 60;

export interface Kill {
  boundary: string;
  victim: Victim;
  at: Date;
  /** Orders that were unfinished then. */
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

/** Kills under load, one after another, then waits until all has settled, and asks the databases what does not hold. */
export class ChaosRun {
  readonly kills: Kill[] = [];

  private constructor(
    private readonly platform: ChaosPlatform,
    readonly load: Load,
    private readonly hurry: boolean,
  ) {}

  /** @param hurry the leases of dead processes run out at once, as if their half minute had passed. */
  static async begin(platform: ChaosPlatform, buyers: number, { hurry = false } = {}): Promise<ChaosRun> {
    const run = new ChaosRun(platform, await Load.on(platform.graph), hurry);
    run.load.start(buyers);
    return run;
  }

  /** Ends a part with SIGKILL while at least one order is exactly at the boundary. */
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

  /** What is killed next was whole again: a system that is never up proves nothing. */
  async #untilSomeAreServed(): Promise<void> {
    const enough = this.load.promised.orders.length + SERVED_BETWEEN_KILLS;
    const deadline = Date.now() + RECOVERY_SECONDS * 1_000;
    while (this.load.promised.orders.length < enough && Date.now() < deadline) await sleep(100);
  }

  /** Also of live ones: whoever is taken over then can't write any more, which is one more thing that has to hold. */
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

  /** From the kill to the end of the last order that it met; an order that a later kill met, too, counts from that one. */
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
