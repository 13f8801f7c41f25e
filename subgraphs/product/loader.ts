import { loaderFor } from '../shared/loader';
import type { Context } from './context';

/** Declares a DataLoader that is created for each request; see loaderFor. */
export const loader = loaderFor<Context>();
