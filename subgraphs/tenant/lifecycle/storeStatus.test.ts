import { TRANSITIONS } from './storeStatus';

describe('a store', () => {
  const STATUSES = ['ACTIVE', 'SUSPENDED', 'DELETED'] as const;
  it.each([
    ['SUSPEND', ['ACTIVE']],
    ['RESUME', ['SUSPENDED']],
    ['DELETE', ['ACTIVE', 'SUSPENDED']],
    ['RESTORE', ['DELETED']],
  ] as const)('allows %s from %j and from no other status', (kind, from) => {
    expect(STATUSES.filter((status) => TRANSITIONS[kind].from.includes(status))).toEqual(from);
  });

  it('changes its status with each transition', () => {
    for (const { from, to } of Object.values(TRANSITIONS)) expect(from).not.toContain(to);
  });
});
