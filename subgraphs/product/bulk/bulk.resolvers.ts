import type { Resolvers } from '../generated/resolvers';
import { findJob, listErrors, productsExport, productsImport } from './bulkJob.service';

const progressOf = ({ progress }: { progress: number }) => progress / 1000;

export const bulkResolvers: Resolvers = {
  Query: {
    productsImportJob: (_root, { id }, ctx) => findJob(ctx, 'IMPORT', id),
    productsExportJob: (_root, { id }, ctx) => findJob(ctx, 'EXPORT', id),
  },
  Mutation: {
    productsImport: (_root, { input }, ctx) => productsImport(ctx, input),
    productsExport: (_root, { format }, ctx) => productsExport(ctx, format),
  },
  ProductsImportJob: {
    progress: progressOf,
    errors: ({ id }, { first }, ctx) => listErrors(ctx, id, first),
  },
  ProductsExportJob: {
    progress: progressOf,
    url: (job, _args, ctx) =>
      job.status === 'SUCCEEDED' ? ctx.media.urls.exported(job.tenantId, job.fileId, job.format) : null,
  },
};
