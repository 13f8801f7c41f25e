import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A command's arguments. Prints what is wrong and how it is used, and exits with 2, when they can't be read. */
export function readArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return refuseArguments((error as Error).message, usage);
  }
}

export function refuseArguments(fault: string, usage: string): never {
  console.error(`${fault}\nUsage: ${usage}`);
  process.exit(2);
}
