import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { typeidUnboxed } from 'typeid-js';
import { newId } from '../../../subgraphs/shared/ids';
import { PERMISSIONS } from '../../../subgraphs/shared/permissions';
import { asOwner } from '../../../subgraphs/shared/test/asOwner';
import { membershipData } from '../../dev/webhook';
import type { TestStore, TestSupergraph } from '../startSupergraph';
import type { Names } from './argumentsOf';

/** Signed addresses of files, without the gateway's own: `/media/<kind>/<signature or files>/<store>/<file>/…`. */
export interface Addresses {
  image: string;
  exported: string;
  /** The upload address of a file that was not sent yet. */
  upload: string;
}

/** An address in which the store or the file was replaced by another. */
export function inItsPlace(address: string, { org, file }: { org?: string; file?: string }): string {
  const parts = address.split('/');
  return parts
    .with(4, org ?? parts[4] ?? '')
    .with(5, file ?? parts[5] ?? '')
    .join('/');
}

/** A store with one object of each kind, and their identifiers: by id prefix, or by the kinds of operations.ts. */
export interface FullStore {
  store: TestStore;
  /** The headers of an app with all permissions. */
  app: Record<string, string>;
  names: Names;
  /** The part of its texts that distinguishes them from those of a store made the same way. */
  marks: string[];
  addresses: Addresses;
}

const ADDRESS = { name: 'Ada', line1: '1 Market Street', city: 'San Francisco', province: 'CA', countryCode: 'US' };

/** @param numbersFrom the first order number, so that stores share no order numbers. */
export async function makeFullStore(graph: TestSupergraph, name: string, numbersFrom: number): Promise<FullStore> {
  const store = await graph.makeStore(name);
  const suffix = randomUUID().slice(0, 8);
  const ask = async (query: string, variables: object = {}, headers = store.admin) => {
    const { body } = await graph.ask(headers, query, { ...variables });
    const refused = Object.values(body.data ?? {}).flatMap(
      (payload) => (payload as { userErrors?: unknown[] })?.userErrors ?? [],
    );
    if (body.errors || refused.length > 0) throw new Error(JSON.stringify(body));
    return body.data;
  };
  const mutate = async (
    field: string,
    inputs: Record<string, [string, unknown]>,
    selection: string,
    headers = store.admin,
  ) => {
    const declared = Object.entries(inputs).map(([arg, [type]]) => `$${arg}: ${type}`);
    const passed = Object.keys(inputs).map((arg) => `${arg}: $${arg}`);
    const values = Object.fromEntries(Object.entries(inputs).map(([arg, [, value]]) => [arg, value]));
    const query = `mutation (${declared.join(', ')}) { result: ${field}(${passed.join(', ')}) { ${selection} userErrors { code message } } }`;
    return (await ask(query, values, headers)).result;
  };

  /** Waits for the order's saga, which continues after the answer, so that every store has the same history. */
  const paid = async (id: string) => {
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await ask(`{ order(id: "${id}") { financialStatus } }`)).order.financialStatus === 'PAID') return;
      await sleep(100);
    }
    throw new Error('An order of the test was not paid');
  };

  /** Waits for rows that are written after the answer, so that nothing of the store changes later. */
  const written = async (id: string) => {
    for (let tries = 0; tries < 100; tries += 1) {
      const { productsExportJob } = await ask(`{ productsExportJob(id: "${id}") { finishedAt url } }`);
      if (productsExportJob.finishedAt) return productsExportJob.url as string;
      await sleep(100);
    }
    throw new Error('An export of the test was not written');
  };

  const stage = async (byteSize: number, purpose = 'PRODUCT_IMAGE') => {
    const upload = { purpose, contentType: 'image/png', byteSize };
    const { stagedUploadTargets } = await mutate(
      'stagedUploadsCreate',
      { input: ['[StagedUploadInput!]!', [upload]] },
      'stagedUploadTargets { id url }',
    );
    return stagedUploadTargets[0] as { id: string; url: string };
  };

  /** @returns the upload's id. */
  const sendBytes = async (purpose: string): Promise<string> => {
    const bytes = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const { id, url } = await stage(bytes.length, purpose);
    const sent = await fetch(url, { method: 'PUT', headers: { 'content-type': 'image/png' }, body: bytes });
    if (!sent.ok) throw new Error(`The image was refused: ${sent.status}`);
    return id;
  };

  /** @returns its address. */
  const sendImage = async (productId: string): Promise<string> => {
    const id = await sendBytes('PRODUCT_IMAGE');
    const { productImage } = await mutate(
      'productImageAdd',
      { productId: ['ID!', productId], input: ['ProductImageAddInput!', { stagedUploadId: id }] },
      'productImage { url }',
    );
    return productImage.url;
  };

  await mutate('tenantPlanChange', { input: ['TenantPlanChangeInput!', { plan: 'ENTERPRISE' }] }, '__typename');
  const { category } = await mutate(
    'categoryCreate',
    { input: ['CategoryCreateInput!', { name: `Kind ${name} ${suffix}` }] },
    'category { id slug }',
  );
  const sku = `SKU-${suffix}`;
  const input = {
    name: `Thing ${name} ${suffix}`,
    status: 'ACTIVE',
    externalReference: `ref-${suffix}`,
    vendor: `Maker ${suffix}`,
    productType: `Type ${suffix}`,
    tags: [`tag-${suffix}`],
    categoryIds: [category.id],
    variants: [
      { sku, barcode: `code-${suffix}`, price: { amount: '10', currencyCode: 'USD' }, quantityOnHand: 100_000 },
    ],
    images: [{ url: 'https://images.example.com/thing.jpg' }],
  };
  const { product } = await mutate(
    'productCreate',
    { input: ['ProductCreateInput!', input] },
    'product { id slug variants { nodes { id } } images { id } }',
  );
  const pvar = product.variants.nodes[0].id;

  const { paymentMethod } = await mutate(
    'paymentMethodCreate',
    { input: ['PaymentMethodCreateInput!', { kind: 'TEST', name: `Test ${suffix}`, instructions: `Pay ${suffix}` }] },
    'paymentMethod { id }',
  );
  const buy = async (headers: Record<string, string>, email: string) => {
    const order = {
      lines: [{ variantId: pvar, quantity: 5 }],
      email,
      shippingAddress: ADDRESS,
      paymentMethodId: paymentMethod.id,
      idempotencyKey: `${suffix}-${randomUUID()}`,
    };
    return mutate(
      'orderCreate',
      { input: ['OrderCreateInput!', order] },
      'accessToken order { id number items { id } }',
      headers,
    );
  };
  const guestEmail = `guest-${suffix}@example.com`;
  await buy(store.visitor, guestEmail);
  await asOwner(graph.ownerUrl('order'), store.id, `UPDATE order_counters SET last_number = ${numbersFrom}`);
  const guests = await buy(store.visitor, guestEmail);
  const adas = await buy(store.customer('user_ada'), `ada-${suffix}@example.com`);
  await paid(adas.order.id);
  await paid(guests.order.id);
  const parcel = {
    lines: [{ itemId: adas.order.items[0].id, quantity: 1 }],
    idempotencyKey: `${suffix}-${randomUUID()}`,
  };
  const { order } = await mutate(
    'orderFulfill',
    { id: ['ID!', adas.order.id], input: ['OrderFulfillInput', parcel] },
    'order { fulfillments { id } }',
  );
  const { customers } = await ask(`{ customers(query: "ada-${suffix}") { nodes { id } } }`);
  const isLow = { variantId: pvar, lowStockThreshold: 1_000_000 };
  await mutate('inventoryPolicyUpdate', { input: ['InventoryPolicyUpdateInput!', isLow] }, '__typename');
  const joined = await graph.deliverEvent(
    'organizationMembership.created',
    membershipData(store.id, `user_${suffix}`, 'member'),
  );
  if (!joined.ok) throw new Error(`The webhook was refused: ${joined.status}`);
  const host = `shop-${suffix}.example.com`;
  await mutate('tenantDomainAdd', { input: ['TenantDomainAddInput!', { host }] }, '__typename');
  const staged = await stage(100);
  const { productsExportJob: job } = await mutate(
    'productsExport',
    { format: ['BulkFormat!', 'JSONL'] },
    'productsExportJob { id }',
  );
  const exported = await written(job.id);
  const image = await sendImage(product.id);
  const { storeImage } = await mutate(
    'storeImageCreate',
    { input: ['StoreImageCreateInput!', { stagedUploadId: await sendBytes('STORE_IMAGE') }] },
    'storeImage { id }',
  );
  const basket = { lines: [{ variantId: pvar, quantity: 1 }] };
  const { cart } = await mutate(
    'cartCreate',
    { input: ['CartCreateInput!', basket] },
    'cart { id lines { id } }',
    store.customer('user_ada'),
  );
  const money = { amount: '5', currencyCode: 'USD' };
  const shipping = { name: 'By land', countryCodes: ['NO'], price: money };
  const { shippingRate } = await mutate(
    'shippingRateCreate',
    { input: ['ShippingRateCreateInput!', shipping] },
    'shippingRate { id zone { id } }',
  );
  const tax = { countryCode: 'NO', name: 'MVA', rate: '25' };
  const { taxRate } = await mutate('taxRateCreate', { input: ['TaxRateCreateInput!', tax] }, 'taxRate { id }');
  const code = `CODE-${suffix.toUpperCase()}`;
  const { discount } = await mutate(
    'discountCreate',
    { input: ['DiscountCreateInput!', { title: 'Less', code, amount: money }] },
    'discount { id codes(first: 1) { nodes { id } } }',
  );
  const card = { amount: money, note: `Gift ${suffix}`, idempotencyKey: `${suffix}-${randomUUID()}` };
  const { giftCard } = await mutate(
    'giftCardCreate',
    { input: ['GiftCardCreateInput!', card] },
    'giftCard { id lastCharacters }',
  );
  const { webhookSubscription } = await mutate(
    'webhookSubscriptionCreate',
    {
      input: ['WebhookSubscriptionCreateInput!', { url: `https://${suffix}.example/`, topics: ['PRODUCT_DELETED'] }],
    },
    'webhookSubscription { id }',
  );
  const { token, appToken } = await mutate(
    'appTokenCreate',
    { input: ['AppTokenCreateInput!', { name: `App ${suffix}`, permissions: [...PERMISSIONS] }] },
    'token appToken { id }',
  );
  // Switched off: nobody is there to be asked.
  const { checkoutHook } = await mutate(
    'checkoutHookCreate',
    { input: ['CheckoutHookCreateInput!', { kind: 'TAX', url: `https://${suffix}.example/`, isActive: false }] },
    'checkoutHook { id }',
  );
  const edel = newId('edel');
  await asOwner(
    graph.ownerUrl('tenant'),
    store.id,
    `INSERT INTO event_deliveries (tenant_id, id, subscription_id, event_id, topic, body, status)
     VALUES ($1, $2, $3, 'evt_1', 'product.deleted', '{}', 'FAILED')`,
    [store.id, edel, webhookSubscription.id],
  );

  const inAdminsPlace = graph.bearer({ ...store, role: 'admin' }, 'user_staff', 2, 'user_support');
  await mutate(
    'categoryUpdate',
    { id: ['ID!', category.id], input: ['CategoryUpdateInput!', { name: `Sort ${name} ${suffix}` }] },
    '__typename',
    inAdminsPlace,
  );

  return {
    store,
    app: { authorization: `Bearer ${token}` },
    marks: [store.id, store.slug, suffix, suffix.toUpperCase()],
    addresses: { image: pathOf(image), exported: pathOf(exported), upload: pathOf(staged.url) },
    names: {
      org: store.id,
      storeSlug: store.slug,
      tenantSlug: store.slug,
      user: `user_${suffix}`,
      host,
      cat: category.id,
      categorySlug: category.slug,
      prod: product.id,
      productSlug: product.slug,
      pvar,
      sku,
      externalReference: `ref-${suffix}`,
      ord: adas.order.id,
      oitm: adas.order.items[0].id,
      ful: order.fulfillments[0].id,
      cust: customers.nodes[0].id,
      number: guests.order.number,
      guestEmail,
      pimg: product.images[0].id,
      simg: storeImage.id,
      file: staged.id,
      bulk: job.id,
      cart: cart.id,
      clin: cart.lines[0].id,
      srat: shippingRate.id,
      szon: shippingRate.zone.id,
      trat: taxRate.id,
      pmth: paymentMethod.id,
      whk: webhookSubscription.id,
      hook: checkoutHook.id,
      apt: appToken.id,
      edel,
      disc: discount.id,
      dcod: discount.codes.nodes[0].id,
      gift: giftCard.id,
      code,
      accessToken: guests.accessToken,
    },
  };
}

const pathOf = (url: string) => url.slice(new URL(url).origin.length);

/** An unknown identifier of this kind, in the same format as existing ones. */
export function nobodys(kind: string): string | number {
  const unique = randomUUID().slice(0, 8);
  if (kind === 'number') return 9_000_000 + Math.floor(Math.random() * 1_000_000);
  if (kind === 'host') return `nobody-${unique}.example.com`;
  if (kind === 'sku') return `SKU-${unique}`;
  if (kind === 'code') return `CODE-${unique.toUpperCase()}`;
  if (kind === 'accessToken') return `${typeidUnboxed('ord')}.${randomUUID().replaceAll('-', '')}abcdefghijk`;
  if (kind === 'org' || kind === 'user') return `${kind}_nobody_${unique}`;
  return /^[a-z]+$/.test(kind) ? typeidUnboxed(kind) : `nobody-${unique}`;
}
