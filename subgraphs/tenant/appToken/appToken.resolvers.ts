import type { Resolvers } from '../generated/resolvers';
import { appTokenCreate, appTokenRevoke, appTokenUpdate, findAppToken, listAppTokens } from './appToken.service';
import { appTokenAuthenticate } from './authenticate.service';

export const appTokenResolvers: Resolvers = {
  Query: {
    appToken: (_root, { id }, ctx) => findAppToken(ctx, id),
    appTokens: (_root, args, ctx) => listAppTokens(ctx, args),
  },
  Mutation: {
    appTokenCreate: (_root, { input }, ctx) => appTokenCreate(ctx, input),
    appTokenUpdate: (_root, { id, input }, ctx) => appTokenUpdate(ctx, id, input),
    appTokenRevoke: (_root, { id }, ctx) => appTokenRevoke(ctx, id),
    appTokenAuthenticate: (_root, { hash }, ctx) => appTokenAuthenticate(ctx, hash),
  },
};
