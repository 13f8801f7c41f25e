/** A store: the order subgraph has only its id. */
export interface TenantReference {
  id: string;
}
