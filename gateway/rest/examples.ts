import {
  type GraphQLInputType,
  type GraphQLOutputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
} from 'graphql';
import type { Selection } from './selection';

/** What fields have in the examples of the documentation, by their names: those of a demo store. */
const TEXTS: Readonly<Record<string, string>> = {
  name: 'Air Zoom Pegasus',
  productName: 'Air Zoom Pegasus',
  slug: 'air-zoom-pegasus',
  email: 'ada@example.com',
  sku: 'NIKE-PEG-42',
  productSku: 'NIKE-PEG-42',
  line1: '1 Market Street',
  city: 'San Francisco',
  province: 'California',
  provinceCode: 'CA',
  postalCode: '94105',
  countryCode: 'US',
  phone: '+14155550100',
  host: 'shop.example.com',
  url: 'https://shop.example.com/hooks',
  option: 'Size',
  value: '42',
  reason: 'counted',
  vendor: 'Nike',
  productType: 'Running shoes',
  locale: 'en-US',
  timeZone: 'America/Los_Angeles',
  rate: '0.0825',
};
const SCALARS: Readonly<Record<string, unknown>> = {
  Int: 1,
  Float: 1,
  Boolean: true,
  DateTime: '2026-11-24T09:30:00.000Z',
  Decimal: '150.00',
  CurrencyCode: 'USD',
};
/** Of a UUIDv7, as all ids have after their prefix. */
const SUFFIX = '01kb3v7m2ze6rsqx8d4hgn5wty';

interface Described {
  name: string;
  description?: string | null | undefined;
}

export function outputExample(field: Described, type: GraphQLOutputType, below: Selection | null): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [outputExample(field, bare.ofType, below)];
  return below ? objectExample(below) : leafExample(field, bare as { name: string });
}

export const objectExample = ({ fields }: Selection): Record<string, unknown> =>
  Object.fromEntries(fields.map(({ field, below }) => [field.name, outputExample(field, field.type, below)]));

export function inputExample(field: Described, type: GraphQLInputType): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [inputExample(field, bare.ofType)];
  if (!isInputObjectType(bare)) return leafExample(field, bare);
  const fields = Object.values(bare.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(fields.map((one) => [one.name, inputExample(one, one.type)]));
}

function leafExample({ name, description }: Described, type: { name: string }): unknown {
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (type.name !== 'ID') return SCALARS[type.name] ?? TEXTS[name] ?? 'text';
  const [, prefix = 'id'] = /\b([a-z]+)_…/.exec(description ?? '') ?? [];
  return `${prefix}_${SUFFIX}`;
}
