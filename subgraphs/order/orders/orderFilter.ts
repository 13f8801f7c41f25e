import { badUserInput } from '../../shared/errors';
import type { Prisma } from '../generated/prisma/client';
import type { DateTimeRange, OrderFilter } from '../generated/resolvers';

/** @throws GraphQLError BAD_USER_INPUT for a year that PostgreSQL can't store. */
export function orderFilter(filter: OrderFilter | null | undefined): Prisma.OrderWhereInput {
  const {
    statuses,
    financialStatuses,
    fulfillmentStatuses,
    customerId,
    number,
    createdAt,
    updatedAt,
    paymentFlagged,
    hasOpenDispute,
    authorizationExpiresBefore,
    unconfirmed,
  } = filter ?? {};
  return {
    ...(unconfirmed ? UNCONFIRMED : CONFIRMED),
    ...(statuses && { status: { in: [...new Set(statuses)] } }),
    ...(financialStatuses && { financialStatus: { in: [...new Set(financialStatuses)] } }),
    ...(fulfillmentStatuses && { fulfillmentStatus: { in: [...new Set(fulfillmentStatuses)] } }),
    ...(customerId != null && { buyerId: customerId }),
    ...(paymentFlagged != null && (paymentFlagged ? FLAGGED : { NOT: FLAGGED })),
    ...(hasOpenDispute != null && { disputes: { [hasOpenDispute ? 'some' : 'none']: { closedAt: null } } }),
    AND: [
      ...(number == null ? [] : [{ number }]),
      ...(authorizationExpiresBefore == null ? [] : [endsBefore(authorizationExpiresBefore)]),
    ],
    ...(createdAt && { createdAt: within(createdAt, 'where.createdAt') }),
    ...(updatedAt && { updatedAt: within(updatedAt, 'where.updatedAt') }),
  };
}

/** An order gets its number when it is confirmed. */
export const CONFIRMED: Prisma.OrderWhereInput = { number: { not: null } };
const UNCONFIRMED: Prisma.OrderWhereInput = { number: null };

/** The partial index of flagged payments has this condition. */
const FLAGGED: Prisma.OrderWhereInput = { payment: { is: { flag: { not: null } } } };

/** The partial index of authorizations has this condition. */
const endsBefore = (end: string): Prisma.OrderWhereInput => ({
  payment: {
    is: {
      status: { in: ['AUTHORIZED', 'PARTIALLY_CAPTURED'] },
      authorizationExpiresAt: { lt: pointInTime(end, 'where.authorizationExpiresBefore') },
    },
  },
});

const within = ({ from, to }: DateTimeRange, field: string) => ({
  ...(from != null && { gte: pointInTime(from, `${field}.from`) }),
  ...(to != null && { lt: pointInTime(to, `${field}.to`) }),
});

function pointInTime(given: string, field: string): Date {
  const date = new Date(given);
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) throw badUserInput(field, 'a year from 1 to 9999');
  return date;
}
