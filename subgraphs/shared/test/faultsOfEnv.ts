import { EnvError } from '../env';

/** What `readEnv` finds wrong with an environment: a line for each fault, in the order of the variables' names. */
export function faultsOfEnv(readEnv: (source: NodeJS.ProcessEnv) => unknown, source: NodeJS.ProcessEnv): string[] {
  try {
    readEnv(source);
  } catch (error) {
    if (error instanceof EnvError) return [...error.faults].sort();
    throw error;
  }
  return [];
}

/** A development key and one for production, as CALLER_SIGNING_KEY takes them. */
export const DEVELOPMENT_KEY = `dev_${'k'.repeat(40)}`;
export const PRODUCTION_KEY = 'k'.repeat(32);

/** What each subgraph refuses of the variables that all have: a title, the variable, its value. */
export const COMMON_REFUSALS: [string, string, string][] = [
  ['a development signing key', 'CALLER_SIGNING_KEY', DEVELOPMENT_KEY],
  ['a signing key of 31 characters', 'CALLER_SIGNING_KEY', 'k'.repeat(31)],
  ['an empty signing key', 'CALLER_SIGNING_KEY', ''],
  ['a log level that is none', 'LOG_LEVEL', 'loud'],
];
