import { z } from 'zod';
import { isForeignKeyViolation } from '../../shared/constraints';
import { newId } from '../../shared/ids';
import { readInput, text } from '../../shared/inputReader';
import { notFound, payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { OrderNoteAddInput, UserErrorCode } from '../generated/resolvers';

const noteInput = z.object({ text: text({ max: 5_000, lines: true }) });

export function orderNoteAdd(ctx: Context, orderId: string, input: OrderNoteAddInput) {
  const { tenantId, caller, db } = ctx;
  return payload<'order', Order, UserErrorCode>('order', async () => {
    const note = readInput(noteInput, input);
    const { userId: actorId, impersonatorId } = caller;
    if (actorId === null) throw new Error('A note needs an author: only users have orders:manage');
    try {
      const { order } = await db.orderNote.create({
        data: { tenantId, id: newId('onot'), orderId, actorId, impersonatorId, text: note.text },
        include: { order: true },
        relationLoadStrategy: 'join',
      });
      return order;
    } catch (error) {
      // The foreign key (tenant, order) refuses another store's order like one that does not exist.
      if (!isForeignKeyViolation(error)) throw error;
      throw new UserErrors(notFound('order'));
    }
  });
}
