import { z } from 'zod';
import { text } from '../../shared/inputReader';
import { countryCodeInput } from './countryCode';
import { isWrongProvince, postalProvince } from './province';
import { isVatId, vatIdInput } from './vatId';

const fields = z.object({
  name: text(255),
  line1: text(255),
  line2: text(255).nullable().exactOptional(),
  city: text(255),
  province: text(255).nullable().exactOptional(),
  postalCode: text(32).nullable().exactOptional(),
  countryCode: countryCodeInput,
  phone: text(64).nullable().exactOptional(),
});

/** The two fields of which one is checked by the other, whatever is wrong with the rest. */
const place = fields.pick({ province: true, countryCode: true });

type Place = z.output<typeof place>;

const isOfCountry = ({ countryCode, province }: Place) => !isWrongProvince(countryCode, province);

const WRONG_PROVINCE = {
  path: ['province'],
  message: 'Expected a province or state of the country, by its code or name.',
  when: ({ value }: { value: unknown }) => place.safeParse(value).success,
};

const withPostalProvince = <Of extends Place>({ province, ...address }: Of) => ({
  ...address,
  ...(province !== undefined && { province: province && postalProvince(address.countryCode, province) }),
});

export const shippingAddressInput = fields.refine(isOfCountry, WRONG_PROVINCE).transform(withPostalProvince);

export const billingAddressInput = fields
  .extend({
    vatId: vatIdInput
      .refine(isVatId, 'Expected a VAT id as its country makes them, such as DE123456789.')
      .nullable()
      .exactOptional(),
  })
  .refine(isOfCountry, WRONG_PROVINCE)
  .transform(withPostalProvince);
