import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { admin, visitor } from '../../shared/test/askSubgraph';
import { startTestSubgraph } from './startTestSubgraph';

export const png = (width = 1200, height = 800): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#2040e0' } })
    .png()
    .toBuffer();

export const STAGE = `mutation ($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
  stagedUploadTargets { id url method headers { name value } expiresAt } userErrors { field code } } }`;
const ADD = `mutation ($productId: ID!, $input: ProductImageAddInput!) { productImageAdd(productId: $productId, input: $input) {
  productImage { id url altText width height small: url(transform: { maxWidth: 320, format: WEBP }) } userErrors { field code message } } }`;

/** The product subgraph, as tests of images speak to it. */
export async function startWithImages() {
  const product = await startTestSubgraph();

  /** Here without the gateway, whose address the subgraph writes into addresses. */
  const atSubgraph = (url: string) => url.replace('http://localhost:3000', product.url);

  async function stage(tenantId: string, byteSize: number, contentType = 'image/png') {
    const { data } = await product.ask(admin(tenantId), STAGE, {
      input: [{ purpose: 'PRODUCT_IMAGE', contentType, byteSize }],
    });
    return data.stagedUploadsCreate.stagedUploadTargets[0];
  }

  async function upload(tenantId: string, bytes: Buffer, contentType = 'image/png'): Promise<string> {
    const { id, url, method } = await stage(tenantId, bytes.length, contentType);
    const answer = await fetch(atSubgraph(url), { method, headers: { 'content-type': contentType }, body: bytes });
    expect(answer.status).toBe(204);
    return id;
  }

  async function add(tenantId: string, productId: string, input: Record<string, unknown>) {
    const { data, errors } = await product.ask(admin(tenantId), ADD, { productId, input });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.productImageAdd;
  }

  return {
    ...product,
    atSubgraph,
    stage,
    upload,
    add,
    addElsewhere: async (tenantId: string, productId: string, more: object = {}) =>
      (await add(tenantId, productId, { url: 'https://images.example.com/a.jpg', ...more })).productImage.id as string,

    async imagesOf(tenantId: string, productId: string) {
      const query = 'query ($id: ID!) { product(id: $id) { images { id } variants { nodes { id image { id } } } } }';
      const { data } = await product.ask(visitor(tenantId), query, { id: productId });
      return {
        images: data.product.images.map(({ id }: { id: string }) => id),
        variants: data.product.variants.nodes.map(({ image }: { image: { id: string } | null }) => image?.id ?? null),
      };
    },

    async filesOf(tenantId: string) {
      const entries = await readdir(product.mediaPath, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return paths
        .filter((path) => path.includes(tenantId))
        .map((path) => path.slice(product.mediaPath.length + 1))
        .sort();
    },
  };
}
