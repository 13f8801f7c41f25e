import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { testServer } from '../../../prisma/testDatabase';

/** What befalls a statement that is under way: its end, or the end of its connection. */
export type Blow = 'pg_cancel_backend' | 'pg_terminate_backend';

/** Strikes at sessions on one database, as the server's superuser. */
export class FaultInjector {
  private constructor(
    private readonly admin: Client,
    private readonly database: string,
  ) {}

  static async open(database: string): Promise<FaultInjector> {
    const admin = new Client({ connectionString: testServer().adminUrl });
    await admin.connect();
    return new FaultInjector(admin, database);
  }

  /** Waits until a statement with `mark` in it runs, and strikes it. @throws Error when none does within 5 s. */
  async strike(blow: Blow, mark: string): Promise<void> {
    for (let tries = 0; tries < 1_000; tries += 1) {
      const { rowCount } = await this.admin.query(
        `SELECT ${blow}(pid) FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND position($2 IN query) > 0`,
        [this.database, mark],
      );
      if (rowCount) return;
      await sleep(5);
    }
    throw new Error(`No statement with ${mark} ran`);
  }

  /** Strikes any one session, at work or idle. */
  async strikeAny(blow: Blow): Promise<void> {
    await this.admin.query(
      `SELECT ${blow}(pid) FROM pg_stat_activity WHERE datname = $1 AND usename ~ '_app$' ORDER BY random() LIMIT 1`,
      [this.database],
    );
  }

  /** All who want a table wait for so long, in the middle of what they do. */
  async hold(ownerUrl: string, table: string, ms: number): Promise<void> {
    const owner = new Client({ connectionString: ownerUrl });
    await owner.connect();
    try {
      await owner.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      await sleep(ms);
    } finally {
      await owner.end();
    }
  }

  close(): Promise<void> {
    return this.admin.end();
  }
}
