import { type DemoTaxRate, EU_TAX_RATES, US_TAX_RATES } from './demoTaxRates';

/** A product of a demo store, as a merchant would enter it. */
export interface DemoProduct {
  name: string;
  description: string;
  productType: string;
  tags: string[];
  category: string;
  /** In US dollars: see DemoStore.unitsPerDollar. */
  price: string;
  /** What it cost before it was reduced. */
  was?: string;
  /** What the store pays for one. */
  cost: string;
  weightGrams: number;
  /** How to wash it, for shoppers. */
  care: string;
  sku: string;
  colors: string[];
  sizes: string[];
  /** Of each variant. */
  quantityOnHand: number;
  /** REDUCED for the one product that shows it. */
  taxClass?: 'REDUCED';
  /** In how many days it goes on sale by itself. */
  inDays?: number;
}

export interface DemoStore {
  id: string;
  slug: string;
  name: string;
  currencyCode: string;
  /** What a dollar of its prices is in its currency. Of the yen there are no fractions. */
  unitsPerDollar: number;
  pricesIncludeTax: boolean;
  taxRates: DemoTaxRate[];
  /** Where its orders go. */
  address: { line1: string; city: string; province?: string; postalCode: string; countryCode: string };
  /** A category's name and its parent's. */
  categories: { name: string; parent: string | null }[];
  products: DemoProduct[];
}

const SHOE_SIZES = ['40', '41', '42', '43', '44'];
const CLOTHES_SIZES = ['S', 'M', 'L', 'XL'];

const CATEGORIES = [
  { name: 'Shoes', parent: null },
  { name: 'Running', parent: 'Shoes' },
  { name: 'Trail', parent: 'Running' },
  { name: 'Lifestyle', parent: 'Shoes' },
  { name: 'Apparel', parent: null },
];

/** What `npm start` puts into an empty platform: three stores, so that isolation between them can be seen. */
export const DEMO_STORES: DemoStore[] = [
  {
    id: 'org_nike_456',
    slug: 'nike',
    name: 'Nike',
    currencyCode: 'USD',
    unitsPerDollar: 1,
    pricesIncludeTax: false,
    taxRates: US_TAX_RATES,
    address: {
      line1: '1 Market Street',
      city: 'San Francisco',
      province: 'CA',
      postalCode: '94105',
      countryCode: 'US',
    },
    categories: CATEGORIES,
    products: [
      {
        name: 'Air Max',
        description: 'Visible air under the heel, made for long days on hard ground.',
        productType: 'Running shoes',
        tags: ['road', 'bestseller'],
        category: 'Running',
        price: '150.00',
        cost: '61.50',
        weightGrams: 900,
        care: 'Wipe clean with a damp cloth.',
        sku: 'AIRMAX',
        colors: ['Black', 'White', 'Volt'],
        sizes: SHOE_SIZES,
        quantityOnHand: 25,
      },
      {
        name: 'Air Force',
        description: 'The basketball shoe of 1982 that never left the street.',
        productType: 'Sneakers',
        tags: ['street', 'classic'],
        category: 'Lifestyle',
        price: '120.00',
        cost: '44.00',
        weightGrams: 1050,
        care: 'Wipe clean with a damp cloth.',
        sku: 'AIRFORCE',
        colors: ['White', 'Black'],
        sizes: SHOE_SIZES,
        quantityOnHand: 40,
      },
      {
        name: 'Pegasus Trail',
        description: 'A cushioned shoe for forest roads, with a lugged outsole.',
        productType: 'Trail shoes',
        tags: ['trail', 'sale'],
        category: 'Trail',
        price: '140.00',
        was: '160.00',
        cost: '58.00',
        weightGrams: 820,
        care: 'Brush the mud off when it is dry.',
        sku: 'PEGTRAIL',
        colors: ['Olive', 'Orange'],
        sizes: SHOE_SIZES,
        quantityOnHand: 12,
      },
      {
        name: 'Tempo Running Shorts',
        description: 'Light shorts with a lining, and a pocket that holds a key.',
        productType: 'Shorts',
        tags: ['road', 'summer'],
        category: 'Apparel',
        price: '35.00',
        cost: '11.00',
        weightGrams: 140,
        care: 'Machine wash cold.',
        sku: 'TEMPO',
        colors: ['Black', 'Blue'],
        sizes: CLOTHES_SIZES,
        quantityOnHand: 60,
      },
      {
        name: 'Windrunner Jacket',
        description: 'The chevron jacket, in recycled ripstop. Opens next season.',
        productType: 'Jackets',
        tags: ['recycled'],
        category: 'Apparel',
        price: '110.00',
        cost: '39.00',
        weightGrams: 310,
        care: 'Machine wash cold, do not tumble dry.',
        sku: 'WINDRUN',
        colors: ['Navy'],
        sizes: CLOTHES_SIZES,
        quantityOnHand: 30,
        inDays: 30,
      },
    ],
  },
  {
    id: 'org_adidas_789',
    slug: 'adidas',
    name: 'Adidas',
    currencyCode: 'EUR',
    unitsPerDollar: 1,
    pricesIncludeTax: true,
    taxRates: EU_TAX_RATES,
    address: { line1: 'Torstraße 1', city: 'Berlin', postalCode: '10119', countryCode: 'DE' },
    categories: CATEGORIES,
    products: [
      {
        name: 'Ultraboost',
        description: 'A knitted upper on a midsole that gives energy back.',
        productType: 'Running shoes',
        tags: ['road', 'bestseller'],
        category: 'Running',
        price: '180.00',
        cost: '72.00',
        weightGrams: 880,
        care: 'Wipe clean with a damp cloth.',
        sku: 'ULTRABOOST',
        colors: ['Core Black', 'Cloud White'],
        sizes: SHOE_SIZES,
        quantityOnHand: 20,
      },
      {
        name: 'Stan Smith',
        description: 'The tennis shoe of 1971: white leather and a green heel.',
        productType: 'Sneakers',
        tags: ['street', 'classic', 'sale'],
        category: 'Lifestyle',
        price: '90.00',
        was: '100.00',
        cost: '31.00',
        weightGrams: 980,
        care: 'Clean leather with a soft brush.',
        sku: 'STANSMITH',
        colors: ['Green', 'Navy'],
        sizes: SHOE_SIZES,
        quantityOnHand: 35,
      },
      {
        name: 'Firebird Track Top',
        taxClass: 'REDUCED',
        description: 'Three stripes down the sleeve and a stand-up collar.',
        productType: 'Jackets',
        tags: ['street'],
        category: 'Apparel',
        price: '80.00',
        cost: '26.00',
        weightGrams: 420,
        care: 'Machine wash cold.',
        sku: 'FIREBIRD',
        colors: ['Black', 'Red'],
        sizes: CLOTHES_SIZES,
        quantityOnHand: 18,
      },
    ],
  },
  {
    id: 'org_puma_123',
    slug: 'puma',
    name: 'Puma',
    currencyCode: 'JPY',
    unitsPerDollar: 150,
    pricesIncludeTax: true,
    taxRates: [{ countryCode: 'JP', name: '消費税', rate: '10' }],
    address: { line1: '神南1-1-1', city: '渋谷区', province: '東京都', postalCode: '150-0041', countryCode: 'JP' },
    categories: CATEGORIES,
    products: [
      {
        name: 'RS-X',
        description: 'A bulky runner of the eighties, in new materials.',
        productType: 'Sneakers',
        tags: ['street'],
        category: 'Lifestyle',
        price: '110.00',
        cost: '38.00',
        weightGrams: 1010,
        care: 'Wipe clean with a damp cloth.',
        sku: 'RSX',
        colors: ['White', 'Blue'],
        sizes: SHOE_SIZES,
        quantityOnHand: 22,
      },
      {
        name: 'Velocity Nitro',
        description: 'A daily trainer with a nitrogen-infused foam.',
        productType: 'Running shoes',
        tags: ['road', 'bestseller'],
        category: 'Running',
        price: '130.00',
        cost: '47.00',
        weightGrams: 790,
        care: 'Wipe clean with a damp cloth.',
        sku: 'VELNITRO',
        colors: ['Black', 'Lime'],
        sizes: SHOE_SIZES,
        quantityOnHand: 15,
      },
      {
        name: 'Essentials Hoodie',
        description: 'A heavy cotton hoodie with a kangaroo pocket.',
        productType: 'Hoodies',
        tags: ['cotton', 'sale'],
        category: 'Apparel',
        price: '55.00',
        was: '65.00',
        cost: '17.00',
        weightGrams: 560,
        care: 'Machine wash warm.',
        sku: 'ESSHOOD',
        colors: ['Grey', 'Black'],
        sizes: CLOTHES_SIZES,
        quantityOnHand: 50,
      },
    ],
  },
];
