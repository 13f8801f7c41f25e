import { randomBytes } from 'node:crypto';
import { newId } from '../../shared/ids';

/** Whoever knows the id of a cart that is nobody's holds it: 128 random bits stand behind the part that sorts by time. */
export const newCartId = (): string => `${newId('cart')}${randomBytes(16).toString('hex')}`;
