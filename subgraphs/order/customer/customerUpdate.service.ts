import { z } from 'zod';
import { recordEvent } from '../../shared/events/recordEvent';
import { list, notNull, readInput, text } from '../../shared/inputReader';
import { omitUndefined } from '../../shared/omitUndefined';
import { requireUpdated } from '../../shared/optimisticLocking';
import { invalid, notFound, payload, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Customer } from '../generated/prisma/client';
import type { CustomerUpdateInput, UserErrorCode } from '../generated/resolvers';

const customerUpdateInput = z.object({
  tags: notNull(list(text(64), { max: 100 }).transform((tags) => [...new Set(tags)])),
});

export function customerUpdate({ db, tenantId }: Context, id: string, input: CustomerUpdateInput) {
  return payload<'customer', Customer, UserErrorCode>('customer', async () => {
    const data = omitUndefined(readInput(customerUpdateInput, input));
    return db.$transaction(async (tx) => {
      const find = () => tx.customer.findFirst({ where: { tenantId, id } });
      const current = await find();
      if (!current) throw new UserErrors(notFound('customer'));
      if (current.erasedAt) throw new UserErrors(invalid(['id'], 'a customer whose data was not erased'));
      if (input.expectedVersion != null && input.expectedVersion !== current.version) throw staleVersion(current);
      const rows = await tx.customer.updateManyAndReturn({
        where: { tenantId, id, version: current.version, erasedAt: null },
        data: { ...data, version: { increment: 1 } },
      });
      const updated = await requireUpdated(rows, find, 'customer');
      await recordEvent(tx, {
        type: 'customer.updated',
        aggregateId: id,
        aggregateVersion: updated.version,
        data: { changed: data.tags ? ['tags'] : [] },
      });
      return updated;
    });
  });
}
