import { CurrencyCode, DateTime, Decimal } from '../shared/scalars';
import { productResolvers } from './catalog/product.resolvers';
import { categoryResolvers } from './category/category.resolvers';
import type { Resolvers } from './generated/resolvers';
import { stockResolvers } from './inventory/stock.resolvers';

export const resolvers: Resolvers = {
  ...productResolvers,
  ...categoryResolvers,
  Query: { ...productResolvers.Query, ...categoryResolvers.Query },
  Mutation: { ...productResolvers.Mutation, ...categoryResolvers.Mutation, ...stockResolvers.Mutation },
  CurrencyCode,
  DateTime,
  Decimal,
};
