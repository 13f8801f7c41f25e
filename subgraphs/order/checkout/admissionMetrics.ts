import { Gauge, type Registry } from 'prom-client';
import type { AdmissionControl } from '../../shared/admission';

/** Queued and rejected callers say that more order subgraphs are needed. */
export function registerAdmissionMetrics(registry: Registry, admission: AdmissionControl): void {
  const placements = new Gauge({
    name: 'order_placements',
    help: 'Callers of orderCreate: IN_FLIGHT and QUEUED now, REJECTED since the start of this process',
    labelNames: ['state'],
    registers: [registry],
    collect: () => {
      const { inFlight, queued, rejected } = admission.counts;
      placements.set({ state: 'IN_FLIGHT' }, inFlight);
      placements.set({ state: 'QUEUED' }, queued);
      placements.set({ state: 'REJECTED' }, rejected);
    },
  });
}
