/** The addresses of a cart or an order. */
export interface Addresses {
  shippingAddress: OrderJson.ShippingAddress | null;
  /** Null where it is the shipping address. */
  billingAddress: OrderJson.BillingAddress | null;
}

/** Null where it is the shipping address. Rows from before there were billing addresses have the VAT id in their shipping address. */
export const billingAddressOf = ({ billingAddress, shippingAddress }: Addresses): OrderJson.BillingAddress | null =>
  billingAddress ?? (shippingAddress?.vatId ? shippingAddress : null);
