/** A store as the order subgraph knows it. */
export interface TenantReference {
  id: string;
}
