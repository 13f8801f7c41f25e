/** A product of a demo store, as a merchant would enter it. */
export interface DemoProduct {
  name: string;
  description: string;
  category: string;
  /** In US dollars. */
  price: string;
  sku: string;
  colors: string[];
  sizes: string[];
  /** Of each variant. */
  stock: number;
  status?: 'DRAFT' | 'ARCHIVED';
}

export interface DemoStore {
  id: string;
  slug: string;
  name: string;
  /** A category's name and its parent's. */
  categories: { name: string; parent: string | null }[];
  products: DemoProduct[];
}

const SHOE_SIZES = ['40', '41', '42', '43', '44'];
const CLOTHES_SIZES = ['S', 'M', 'L', 'XL'];

const CATEGORIES = [
  { name: 'Shoes', parent: null },
  { name: 'Running', parent: 'Shoes' },
  { name: 'Lifestyle', parent: 'Shoes' },
  { name: 'Apparel', parent: null },
];

/** What `npm start` puts into an empty platform: three stores, so that isolation between them can be seen. */
export const DEMO_STORES: DemoStore[] = [
  {
    id: 'org_nike_456',
    slug: 'nike',
    name: 'Nike',
    categories: CATEGORIES,
    products: [
      {
        name: 'Air Max',
        description: 'Visible air under the heel, made for long days on hard ground.',
        category: 'Running',
        price: '150.00',
        sku: 'AIRMAX',
        colors: ['Black', 'White', 'Volt'],
        sizes: SHOE_SIZES,
        stock: 25,
      },
      {
        name: 'Air Force',
        description: 'The basketball shoe of 1982 that never left the street.',
        category: 'Lifestyle',
        price: '120.00',
        sku: 'AIRFORCE',
        colors: ['White', 'Black'],
        sizes: SHOE_SIZES,
        stock: 40,
      },
      {
        name: 'Pegasus Trail',
        description: 'A cushioned shoe for forest roads, with a lugged outsole.',
        category: 'Running',
        price: '140.00',
        sku: 'PEGTRAIL',
        colors: ['Olive', 'Orange'],
        sizes: SHOE_SIZES,
        stock: 12,
      },
      {
        name: 'Tempo Running Shorts',
        description: 'Light shorts with a lining, and a pocket that holds a key.',
        category: 'Apparel',
        price: '35.00',
        sku: 'TEMPO',
        colors: ['Black', 'Blue'],
        sizes: CLOTHES_SIZES,
        stock: 60,
      },
      {
        name: 'Windrunner Jacket',
        description: 'The chevron jacket, in recycled ripstop. Opens next season.',
        category: 'Apparel',
        price: '110.00',
        sku: 'WINDRUN',
        colors: ['Navy'],
        sizes: CLOTHES_SIZES,
        stock: 0,
        status: 'DRAFT',
      },
    ],
  },
  {
    id: 'org_adidas_789',
    slug: 'adidas',
    name: 'Adidas',
    categories: CATEGORIES,
    products: [
      {
        name: 'Ultraboost',
        description: 'A knitted upper on a midsole that gives energy back.',
        category: 'Running',
        price: '180.00',
        sku: 'ULTRABOOST',
        colors: ['Core Black', 'Cloud White'],
        sizes: SHOE_SIZES,
        stock: 20,
      },
      {
        name: 'Stan Smith',
        description: 'The tennis shoe of 1971: white leather and a green heel.',
        category: 'Lifestyle',
        price: '90.00',
        sku: 'STANSMITH',
        colors: ['Green', 'Navy'],
        sizes: SHOE_SIZES,
        stock: 35,
      },
      {
        name: 'Firebird Track Top',
        description: 'Three stripes down the sleeve and a stand-up collar.',
        category: 'Apparel',
        price: '80.00',
        sku: 'FIREBIRD',
        colors: ['Black', 'Red'],
        sizes: CLOTHES_SIZES,
        stock: 18,
      },
    ],
  },
  {
    id: 'org_puma_123',
    slug: 'puma',
    name: 'Puma',
    categories: CATEGORIES,
    products: [
      {
        name: 'RS-X',
        description: 'A bulky runner of the eighties, in new materials.',
        category: 'Lifestyle',
        price: '110.00',
        sku: 'RSX',
        colors: ['White', 'Blue'],
        sizes: SHOE_SIZES,
        stock: 22,
      },
      {
        name: 'Velocity Nitro',
        description: 'A daily trainer with a nitrogen-infused foam.',
        category: 'Running',
        price: '130.00',
        sku: 'VELNITRO',
        colors: ['Black', 'Lime'],
        sizes: SHOE_SIZES,
        stock: 15,
      },
      {
        name: 'Essentials Hoodie',
        description: 'A heavy cotton hoodie with a kangaroo pocket.',
        category: 'Apparel',
        price: '55.00',
        sku: 'ESSHOOD',
        colors: ['Grey', 'Black'],
        sizes: CLOTHES_SIZES,
        stock: 50,
      },
    ],
  },
];
