import type { Caller } from '../../shared/caller';

/**
 * The account that an order of this caller belongs to; null for a guest's. What staff order is for somebody else, by phone or at the
 * counter: it belongs to whoever has its e-mail address, as a guest's does.
 */
export const accountOf = ({ role, userId }: Caller): string | null =>
  role === 'MEMBER' || role === 'ADMIN' || role === 'APP' ? null : userId;
