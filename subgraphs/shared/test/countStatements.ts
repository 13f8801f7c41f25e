import { TenantPool } from '../tenantPool';

/** Counts what this process sends to its databases outside of interactive transactions, from now until `stop`. */
export function countStatements(): { stop(): number } {
  const spy = jest.spyOn(TenantPool.prototype, 'query');
  return {
    stop: () => {
      const { length } = spy.mock.calls;
      spy.mockRestore();
      return length;
    },
  };
}
