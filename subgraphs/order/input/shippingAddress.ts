import { z } from 'zod';
import { text } from '../../shared/inputReader';
import { countryCodeInput } from './countryCode';

export const shippingAddressInput = z.object({
  name: text(255),
  line1: text(255),
  line2: text(255).nullable().exactOptional(),
  city: text(255),
  province: text(255).nullable().exactOptional(),
  postalCode: text(32).nullable().exactOptional(),
  countryCode: countryCodeInput,
  phone: text(64).nullable().exactOptional(),
});
