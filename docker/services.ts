/** The services that the image can be: where each begins, and which variable has its port. */
export const SERVICES = {
  gateway: { main: '../gateway/main', portVariable: 'GATEWAY_PORT', port: 3000 },
  tenant: { main: '../subgraphs/tenant/main', portVariable: 'TENANT_PORT', port: 3001 },
  product: { main: '../subgraphs/product/main', portVariable: 'PRODUCT_PORT', port: 3002 },
  order: { main: '../subgraphs/order/main', portVariable: 'ORDER_PORT', port: 3003 },
} as const;

/** The service that this container is. @throws Error that says which there are. */
export function serviceOf(source: NodeJS.ProcessEnv): (typeof SERVICES)[keyof typeof SERVICES] {
  const name = source.SERVICE ?? '';
  if (!Object.hasOwn(SERVICES, name)) {
    throw new Error(`SERVICE: expected one of ${Object.keys(SERVICES).join(', ')}, and not "${name}"`);
  }
  return SERVICES[name as keyof typeof SERVICES];
}
