import type { CatalogClient } from '../catalog/catalogClient';
import type { Context } from '../context';

export interface CartServices {
  catalog: CatalogClient;
}

/** What carts work with. */
export type CartContext = Context & { services: CartServices };
