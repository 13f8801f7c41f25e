/** codegen.ts of your project, for `npx graphql-codegen`; `npm install --save-dev @graphql-codegen/cli @graphql-codegen/client-preset`. */
export default {
  schema: 'http://localhost:3000/schema.graphql',
  documents: ['src/**/*.{ts,tsx}'],
  generates: {
    'src/gql/': {
      preset: 'client',
      config: {
        // What travels as JSON. A Decimal is a string, because a number would lose digits.
        scalars: { ID: 'string', DateTime: 'string', Decimal: 'string', CurrencyCode: 'string' },
        enumsAsTypes: true,
        useTypeImports: true,
      },
    },
  },
};
