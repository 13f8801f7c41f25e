/**
 * A plugin of Stryker: leaves alone what people read, which has spaces, and statements of SQL. Codes, keys, roles and columns have no
 * spaces, and are mutated.
 */
const isMessage = (path) =>
  (path.isStringLiteral() && path.node.value.includes(' ')) ||
  (path.isTemplateLiteral() && path.node.quasis.some(({ value }) => value.raw.includes(' ')));

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'messages',
    value: { shouldIgnore: (path) => (isMessage(path) ? 'a message, or SQL' : undefined) },
  },
];
