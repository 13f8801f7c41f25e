import { z } from 'zod';
import { emailInput } from '../../shared/email';
import { list, text } from '../../shared/inputReader';
import { MAX_LINES } from '../../shared/limits';
import { discountCodesInput } from '../discount/codeInput';
import { attributesInput, noteInput } from '../input/noteAndAttributes';
import { billingAddressInput, shippingAddressInput } from '../input/postalAddress';
import { quantityInput, variantLineInput } from '../input/variantLine';

/** The lines of a mutation: at least one. */
const some = <Entry extends z.ZodType>(entry: Entry) => list(entry, { min: 1, max: MAX_LINES });

export const linesAdd = z.object({ lines: some(variantLineInput) });
/** A quantity of 0 removes the line. */
export const linesUpdate = z.object({ lines: some(z.object({ id: z.string(), quantity: quantityInput(0) })) });
export const linesRemove = z.object({ lineIds: some(z.string()) });

export const buyerIdentity = z.object({ email: emailInput.nullable() });
export const shippingAddressUpdate = z.object({ shippingAddress: shippingAddressInput.nullable() });
export const billingAddressUpdate = z.object({ billingAddress: billingAddressInput.nullable() });
export const shippingOptionSelect = z.object({ shippingOptionId: text(255).nullable() });
export const noteUpdate = z.object({ buyerNote: noteInput });
export const attributesUpdate = z.object({ attributes: attributesInput });
export const discountCodesUpdate = z.object({ discountCodes: discountCodesInput });

export const cartCreated = z.object({
  lines: list(variantLineInput, { max: MAX_LINES }),
  email: emailInput.nullish(),
  shippingAddress: shippingAddressInput.nullish(),
  billingAddress: billingAddressInput.nullish(),
  buyerNote: noteInput.optional(),
  attributes: attributesInput,
  discountCodes: discountCodesInput,
});
