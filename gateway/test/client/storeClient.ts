import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { graphql } from './generated';

/** A client as a storefront or dashboard would write it: one request, typed by its document. */
export class StoreClient {
  constructor(
    private readonly gatewayUrl: string,
    private readonly headers: Record<string, string>,
  ) {}

  /** @throws Error with the answer's errors when there are any. */
  async request<Result, Variables>(
    document: TypedDocumentNode<Result, Variables>,
    variables: Variables,
  ): Promise<Result> {
    const response = await fetch(this.gatewayUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers },
      body: JSON.stringify({ query: print(document), variables }),
    });
    const { data, errors } = (await response.json()) as { data: Result; errors?: { message: string }[] };
    if (errors) throw new Error(errors.map((error) => error.message).join('; '));
    return data;
  }
}

export const productListing = graphql(`
  query ProductListing($first: Int!) {
    products(first: $first, sortKey: NAME) {
      nodes {
        id
        name
        priceRange {
          min {
            amount
            currencyCode
          }
        }
        variants(first: 1) {
          nodes {
            id
            quantityAvailable
          }
        }
      }
    }
  }
`);

export const buy = graphql(`
  mutation Buy($input: OrderCreateInput!) {
    orderCreate(input: $input) {
      order {
        id
        number
        status
        total {
          amount
        }
      }
      userErrors {
        field
        message
        code
      }
    }
  }
`);
