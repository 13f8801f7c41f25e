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

/** What is said of a variant among the others of its product, of its stock, and of a change. */
type NotOfItsRow =
  | 'optionValues'
  | 'position'
  | 'imagePosition'
  | 'stock'
  | 'inventoryPolicy'
  | 'lowStockThreshold'
  | 'metafields'
  | 'metafieldsToDelete'
  | 'expectedVersion';

/** Whatever an input of the SDL names of a variant itself. */
export type VariantFieldName = Exclude<keyof ProductVariantInput | keyof ProductVariantUpdateInput, NotOfItsRow>;

/** What the SDL has in both inputs and in the type: a field that is not there has the type never in the table below. */
type InAllOfTheSdl = keyof ProductVariantInput & keyof ProductVariantUpdateInput & keyof ProductVariantType;

/** What an input may say of a variant itself. What is left out stays as it is; null takes away what can be taken away. */
export type VariantFields = {
  [Name in VariantFieldName & InAllOfTheSdl]?: ProductVariantInput[Name] | null;
};

const MAX_GRAMS = 1_000_000_000;

const { requiredText, textOrNull, wholeOrNull } = fieldKinds<ProductVariant>();

/** Which currencies and decimals there are, parseMoney knows. */
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

/** The fields of a variant, as PRODUCT_FIELDS has those of a product. */
export const VARIANT_FIELDS = {
  sku: requiredText('sku', { max: 64, keepSpace: true }),
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
  barcode: textOrNull('barcode', { max: 64, keepSpace: true }),
  weightGrams: wholeOrNull('weightGrams', { max: MAX_GRAMS }),
} satisfies {
  [Name in VariantFieldName]: Name extends InAllOfTheSdl
    ? Field<NonNullable<VariantFields[Name]>, ProductVariant>
    : never;
};

/** The fields that are amounts of money. */
export const MONEY_FIELDS = ['price', 'compareAtPrice', 'unitCost'] as const satisfies VariantFieldName[];

/** Those of the fields. */
export const VARIANT_FIELD_COLUMNS = fieldColumns(VARIANT_FIELDS);

/** All of a variant's row, as Prisma's ProductVariant has them. */
export const VARIANT_COLUMNS = allColumns<ProductVariant, typeof VARIANT_FIELDS>(VARIANT_FIELDS, {
  tenantId: 'text',
  id: 'text',
  productId: 'text',
  position: 'int',
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
