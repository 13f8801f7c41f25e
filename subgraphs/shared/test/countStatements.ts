import { currentScope } from '../scope';
import { TenantPool } from '../tenantPool';

/** Counts what this process sends to its databases for tenants, outside of interactive transactions, until `stop`. */
export function countStatements(): { stop(): number } {
  const send = TenantPool.prototype.query;
  let count = 0;
  const spy = jest.spyOn(TenantPool.prototype, 'query').mockImplementation(function (this: TenantPool, statement) {
    // The system's own tasks look for work meanwhile.
    if ('tenantId' in currentScope()) count += 1;
    return send.call(this, statement);
  });
  return {
    stop: () => {
      spy.mockRestore();
      return count;
    },
  };
}
