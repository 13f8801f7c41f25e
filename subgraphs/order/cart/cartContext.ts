import type { GuessLimits } from '../../shared/guessLimits';
import type { CatalogClient } from '../catalog/catalogClient';
import type { HookServices } from '../checkoutHook/hookContext';
import type { Context } from '../context';

export interface CartServices {
  catalog: CatalogClient;
  /** Of discount codes. */
  guesses: GuessLimits;
  hooks: HookServices;
}

/** The context and services of cart operations. */
export type CartContext = Context & { services: CartServices };
