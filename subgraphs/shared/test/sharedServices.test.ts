import { type SharedService, SharedServices, sharedService } from './sharedServices';

let services: SharedServices | undefined;
const environment = { ...process.env };
afterEach(async () => {
  await services?.stop();
  services = undefined;
  process.env = { ...environment };
});

/** A service whose address is the number of services started before it. */
function counted() {
  const stopped: number[] = [];
  let started = 0;
  const start = async (): Promise<SharedService> => {
    const id = started++;
    return { about: { id }, stop: async () => void stopped.push(id) };
  };
  return { start, stopped };
}

const asWorker = (id: string, name: string) => {
  process.env.JEST_WORKER_ID = id;
  return sharedService<{ id: number }>(name);
};

describe('a service that test files share', () => {
  it('is refused by an unknown name', async () => {
    services = await SharedServices.listen({});
    await expect(sharedService('none')).rejects.toThrow('There is no shared service "none"');
  });

  it('reports to every caller why it did not start', async () => {
    const start = () => Promise.reject(new Error('PRODUCT_PORT: expected a number'));
    services = await SharedServices.listen({ product: { per: 'run', start } });
    await expect(sharedService('product')).rejects.toThrow('PRODUCT_PORT: expected a number');
    await expect(sharedService('product')).rejects.toThrow('PRODUCT_PORT: expected a number');
  });

  it('is refused outside a test run', async () => {
    delete process.env.TEST_SERVICES_URL;
    await expect(sharedService('product')).rejects.toThrow('run this through Jest');
  });

  it('is started once, by the first request, also of several concurrent ones', async () => {
    const { start } = counted();
    services = await SharedServices.listen({ graph: { per: 'run', start } });
    const asked = await Promise.all(['1', '2', '1'].map((worker) => asWorker(worker, 'graph')));
    expect(asked).toEqual([{ id: 0 }, { id: 0 }, { id: 0 }]);
  });

  it('is a separate one for each worker, if defined per worker', async () => {
    const { start } = counted();
    services = await SharedServices.listen({ order: { per: 'worker', start } });
    expect([await asWorker('1', 'order'), await asWorker('2', 'order'), await asWorker('1', 'order')]).toEqual([
      { id: 0 },
      { id: 1 },
      { id: 0 },
    ]);
  });

  it('is stopped at the end of the run, if it was started', async () => {
    const [used, unused] = [counted(), counted()];
    services = await SharedServices.listen({
      used: { per: 'worker', start: used.start },
      unused: { per: 'worker', start: unused.start },
    });
    await asWorker('1', 'used');
    await services.stop();
    services = undefined;
    expect([used.stopped, unused.stopped]).toEqual([[0], []]);
  });
});
