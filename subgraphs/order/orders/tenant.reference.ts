/** The store as this subgraph knows it: by its id alone. */
export interface TenantReference {
  id: string;
}
