import { z } from 'zod';
import { graphqlError } from '../../shared/errors';
import { checkInput, text } from '../../shared/inputReader';
import type { ShippingDestinationInput } from '../generated/resolvers';
import { countryCodeInput } from '../input/countryCode';

/** The part of an address that shipping and tax depend on. */
export const destinationInput = z.object({
  countryCode: countryCodeInput,
  province: text(255).nullish(),
  postalCode: text(32).nullish(),
});

/** An argument `destination` of a field. @throws GraphQLError BAD_USER_INPUT for one that can't be read. */
export function readDestination(destination: ShippingDestinationInput): z.output<typeof destinationInput> {
  const { data, faults } = checkInput(destinationInput, destination, ['destination']);
  const [fault] = faults;
  if (data) return data;
  const field = fault?.field.join('.') ?? 'destination';
  throw graphqlError('BAD_USER_INPUT', `${field}: ${fault?.message}`, { field });
}
