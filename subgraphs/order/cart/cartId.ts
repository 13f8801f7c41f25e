import { randomBytes } from 'node:crypto';
import { newId } from '../../shared/ids';

/** The id of a visitor's cart is its only secret, so it has 128 random bits after the part that sorts by time. */
export const newCartId = (): string => `${newId('cart')}${randomBytes(16).toString('hex')}`;
