import { prettyFactory } from 'pino-pretty';

/** Writes a service's JSON log lines for people, each under the service's name. */
export function linePrinter(name: string): (line: string) => void {
  const pretty = prettyFactory({
    colorize: process.stdout.isTTY,
    ignore: 'pid,hostname,service',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
  return (line) => {
    const text = line.startsWith('{') ? (pretty(line) ?? line).trimEnd() : line;
    for (const part of text.split('\n')) console.log(`${name.padEnd(8)}| ${part}`);
  };
}
