import { Gauge, type Registry } from 'prom-client';
import type { Admission } from './admission';

/** What says that more order subgraphs are needed: those who wait, and those who were told to come back. */
export function registerAdmissionMetrics(registry: Registry, admission: Admission): void {
  const placements = new Gauge({
    name: 'order_placements',
    help: 'Buyers by what became of them at the door: INSIDE and WAITING now, TURNED_AWAY since the start of this process',
    labelNames: ['state'],
    registers: [registry],
    collect: () => {
      const { inside, waiting, turnedAway } = admission.counts;
      placements.set({ state: 'INSIDE' }, inside);
      placements.set({ state: 'WAITING' }, waiting);
      placements.set({ state: 'TURNED_AWAY' }, turnedAway);
    },
  });
}
