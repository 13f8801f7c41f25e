import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const VARIABLE = 'TEST_SERVICES_URL';

/** What runs for many test files. */
export interface SharedService<About extends object = object> {
  /** What a test needs to know of it: it arrives as JSON. */
  about: About;
  stop(): Promise<void>;
}

export interface Starter {
  /** `worker`: each of Jest's workers has one, so that one test file at a time uses it; `run`: all have the same. */
  per: 'worker' | 'run';
  start(): Promise<SharedService>;
}

/**
 * The services that test files share, in the process that runs before all tests and after them (Jest's globalSetup and
 * globalTeardown). Each is started when the first test asks for it, and runs to the end.
 */
export class SharedServices {
  readonly #started = new Map<string, Promise<SharedService>>();
  readonly #server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://host');
    void this.#answer(pathname.slice(1), searchParams.get('worker') ?? '', response);
  });

  private constructor(private readonly starters: Record<string, Starter>) {}

  static async listen(starters: Record<string, Starter>): Promise<SharedServices> {
    const services = new SharedServices(starters);
    services.#server.listen(0, '127.0.0.1');
    await once(services.#server, 'listening');
    // Workers get the environment of the process that ran globalSetup.
    process.env[VARIABLE] = `http://127.0.0.1:${(services.#server.address() as AddressInfo).port}`;
    return services;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    const starts = await Promise.allSettled(this.#started.values());
    await Promise.all(starts.map((start) => (start.status === 'fulfilled' ? start.value.stop() : undefined)));
  }

  async #answer(name: string, worker: string, response: ServerResponse): Promise<void> {
    try {
      const { about } = await this.#startOnce(name, worker);
      response.end(JSON.stringify(about));
    } catch (error) {
      response.writeHead(500).end((error as Error).message);
    }
  }

  #startOnce(name: string, worker: string): Promise<SharedService> {
    const starter = this.starters[name];
    if (!starter) throw new Error(`There is no shared service "${name}"`);
    const key = starter.per === 'worker' ? `${name} of worker ${worker}` : name;
    const started = this.#started.get(key) ?? starter.start();
    this.#started.set(key, started);
    return started;
  }
}

/** Of the service with this name, started unless it runs. @throws Error with the reason when it does not start. */
export async function sharedService<About extends object>(name: string): Promise<About> {
  const host = process.env[VARIABLE];
  if (!host) throw new Error('There are no shared services: run this through Jest, whose globalSetup starts them');
  const answer = await fetch(`${host}/${name}?worker=${process.env.JEST_WORKER_ID}`);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as About;
}
