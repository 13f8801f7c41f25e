import { loaderFor } from '../shared/loader';
import type { Context } from './context';

/** Declares a DataLoader of each request: see loaderFor. */
export const loader = loaderFor<Context>();
