import { Counter, Gauge, type Registry } from 'prom-client';
import type { AdmissionControl } from '../../shared/admission';

/** Queued and rejected callers say that more order subgraphs are needed. */
export function registerAdmissionMetrics(registry: Registry, admission: AdmissionControl): void {
  const placements = new Gauge({
    name: 'order_placements',
    help: 'Callers of orderCreate now: IN_FLIGHT and QUEUED',
    labelNames: ['state'],
    registers: [registry],
    collect: () => {
      const { inFlight, queued } = admission.counts;
      placements.set({ state: 'IN_FLIGHT' }, inFlight);
      placements.set({ state: 'QUEUED' }, queued);
    },
  });
  const rejected = new Counter({
    name: 'order_placements_rejected_total',
    help: 'Callers of orderCreate that were rejected, as too many were queued',
    registers: [registry],
    collect: () => {
      rejected.reset();
      rejected.inc(admission.counts.rejected);
    },
  });
}
