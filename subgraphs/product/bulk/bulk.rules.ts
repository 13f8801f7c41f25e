import { can, type FeatureRules } from '../../shared/guards';

export const bulkRules: FeatureRules = {
  Query: {
    productsImportJob: can('products:manage'),
    productsExportJob: can('products:manage'),
  },
  Mutation: {
    productsImport: can('products:manage'),
    productsExport: can('products:manage'),
  },
};
