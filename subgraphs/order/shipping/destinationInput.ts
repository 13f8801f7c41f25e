import { z } from 'zod';
import { text } from '../../shared/inputReader';
import { countryCodeInput } from '../input/countryCode';

/** The part of an address that shipping depends on. */
export const destinationInput = z.object({
  countryCode: countryCodeInput,
  province: text(255).nullish(),
  postalCode: text(32).nullish(),
});
