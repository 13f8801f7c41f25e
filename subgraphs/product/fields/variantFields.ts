import { z } from 'zod';
import { formatMoney, parseMoney } from '../../shared/money';
import type { ProductVariant } from '../generated/prisma/client';
import type {
  MoneyInput,
  ProductVariantInput,
  ProductVariant as ProductVariantType,
  ProductVariantUpdateInput,
} from '../generated/resolvers';
import { csvColumn, MONEY, writeOnly } from './csvColumn';
import { allColumns, type Field, fieldColumns } from './field';
import { fieldKinds } from './fieldKinds';
import { fileMoney } from './fileValues';

/** Input fields that concern a variant's position, its stock, rows of other tables, or the change itself. */
type NotOfItsRow =
  | 'optionValues'
  | 'position'
  | 'imagePosition'
  | 'quantityOnHand'
  | 'inventoryPolicy'
  | 'lowStockThreshold'
  | 'metafields'
  | 'metafieldsToDelete'
  | 'expectedVersion';

/** Every input field of the SDL that is stored in the variant's own row. */
export type VariantFieldName = Exclude<keyof ProductVariantInput | keyof ProductVariantUpdateInput, NotOfItsRow>;

/** Fields that the SDL has in both inputs and in the type. Any other field gets the type never below, so the compiler reports it. */
type InAllOfTheSdl = keyof ProductVariantInput & keyof ProductVariantUpdateInput & keyof ProductVariantType;

/** An input's fields of the variant's own row. Omitted fields stay unchanged; null clears an optional one. */
export type VariantFields = {
  [Name in VariantFieldName & InAllOfTheSdl]?: ProductVariantInput[Name] | null;
};

const MAX_GRAMS = 1_000_000_000;

const { flag, requiredText, textOrNull, wholeOrNull } = fieldKinds<ProductVariant>();

/** parseMoney validates the currency and the decimals. */
const money: z.ZodType<MoneyInput> = z.object({ amount: z.string(), currencyCode: z.string() });

/** An amount in the currency of the variant's price. */
const amount = <Column extends 'compareAtPriceAmount' | 'unitCostAmount'>(
  name: VariantFieldName,
  column: Column,
  csv: string,
) => ({
  columns: { [column]: 'bigint' } as Record<Column, 'bigint'>,
  isRequired: false,
  reader: money,
  toColumns: (given: MoneyInput | null, at: string[]): Partial<ProductVariant> => ({
    [column]: given === null ? null : parseMoney(given, at.join('.')).minorUnits,
  }),
  fromRow: ({ currencyCode, [column]: minorUnits }: ProductVariant) =>
    minorUnits === null ? null : formatMoney({ minorUnits, currencyCode }),
  inFile: fileMoney,
  csv: [csvColumn(csv, name, MONEY)],
});

/** The fields of a variant; see PRODUCT_FIELDS. */
export const VARIANT_FIELDS = {
  sku: requiredText('sku', { max: 64 }),
  price: {
    columns: { priceAmount: 'bigint', currencyCode: 'text' },
    isRequired: true,
    reader: money,
    toColumns: (given, at) => {
      if (given === null) throw new Error('A variant has a price');
      const { minorUnits, currencyCode } = parseMoney(given, at.join('.'));
      return { priceAmount: minorUnits, currencyCode };
    },
    fromRow: ({ priceAmount, currencyCode }) => formatMoney({ minorUnits: priceAmount, currencyCode }),
    inFile: fileMoney,
    csv: [csvColumn('price', 'price', MONEY), csvColumn('currency', 'price.currencyCode', writeOnly())],
  },
  compareAtPrice: amount('compareAtPrice', 'compareAtPriceAmount', 'compare_at_price'),
  unitCost: amount('unitCost', 'unitCostAmount', 'unit_cost'),
  barcode: textOrNull('barcode', { max: 64 }),
  weightGrams: wholeOrNull('weightGrams', { max: MAX_GRAMS }),
  requiresShipping: flag('requiresShipping', { absent: true }),
} satisfies {
  [Name in VariantFieldName]: Name extends InAllOfTheSdl
    ? Field<NonNullable<VariantFields[Name]>, ProductVariant>
    : never;
};

/** The fields that are amounts of money. */
export const MONEY_FIELDS = ['price', 'compareAtPrice', 'unitCost'] as const satisfies VariantFieldName[];

/** The columns of {@link VARIANT_FIELDS}. */
export const VARIANT_FIELD_COLUMNS = fieldColumns(VARIANT_FIELDS);

/** All columns of a variant's row, by Prisma's names. */
export const VARIANT_COLUMNS = allColumns<ProductVariant, typeof VARIANT_FIELDS>(VARIANT_FIELDS, {
  tenantId: 'text',
  id: 'text',
  productId: 'text',
  position: 'int',
  skuKey: 'text',
  barcodeKey: 'text',
  imageId: 'text',
  optionValues: 'jsonb',
  available: 'int',
  reserved: 'int',
  inventoryPolicy: '"InventoryPolicy"',
  lowStockThreshold: 'int',
  stockVersion: 'int',
  version: 'int',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
});
