import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { buildSchema } from 'graphql';
import { operationFaults } from './docOperations';

const ROOT = join(__dirname, '..');
const FOLDERS = ['.ci', 'docker', 'docs', 'gateway', 'prisma', 'subgraphs'];
/** Folders that commands make. */
const MADE = ['dist/', 'coverage/'];
const LEFT_OUT = /(^|\/)(node_modules|generated|dist)(\/|$)/;
const README_MAX_LINES = 120;

/** What a document may refer to. */
export interface Repository {
  /** Paths of files from the root. */
  files: readonly string[];
  /** Names of package.json's scripts. */
  scripts: readonly string[];
  /** The headings of decisions, by their files: "# 001: …". */
  decisions: ReadonlyMap<string, string>;
}

/** What is not true in a Markdown file at `path`: a link, a file, a folder, a script or a decision that is not there. */
export function faultsOf(path: string, text: string, repository: Repository): string[] {
  const prose = text.replace(/^```.*?^```/gms, '');
  return [
    ...brokenLinks(path, prose, repository).map((link) => `links to ${link}`),
    ...missingPaths(prose, repository).map((name) => `names ${name}`),
    ...unknownScripts(text, repository).map((script) => `says npm run ${script}`),
    ...unknownDecisions(text, repository).map((number) => `says decision ${number}`),
    ...(path === 'README.md' && text.split('\n').length > README_MAX_LINES + 1
      ? [`has more than ${README_MAX_LINES} lines`]
      : []),
  ].map((fault) => `${path} ${fault}`);
}

function brokenLinks(path: string, prose: string, { files }: Repository): string[] {
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target) || target.startsWith('#')) return false;
    const file = posix.normalize(posix.join(dirname(path), target.replace(/#.*$/, '')));
    return !files.includes(file) && !files.some((known) => known.startsWith(`${file}/`));
  });
}

/** Inline code that looks like a file or a folder of this repository; `*` and `<name>` stand for anything, and the start may be left out. */
function missingPaths(prose: string, { files }: Repository): string[] {
  const code = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
  const paths = code.filter(
    (name) =>
      /^[\w.*<>/-]+$/.test(name) && (/\w\.(ts|graphql|prisma|grit|sql|ya?ml)$/.test(name) || /^\w.*\/$/.test(name)),
  );
  return [...new Set(paths)].filter((name) => {
    if (MADE.includes(name)) return false;
    const parts = name.split(/\*|<\w+>/).map((part) => part.replace(/[.]/g, '\\.'));
    const pattern = new RegExp(`(^|/)${parts.join('[^/]*')}${name.endsWith('/') ? '' : '$'}`);
    return !files.some((file) => pattern.test(file));
  });
}

function unknownScripts(text: string, { scripts }: Repository): string[] {
  const named = [...text.matchAll(/npm run (?:-s |--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
  return [...new Set(named)].filter((name) => !scripts.includes(name));
}

function unknownDecisions(text: string, { decisions }: Repository): string[] {
  const numbers = [...decisions.keys()].map((file) => file.slice(0, 3));
  const named = [...text.matchAll(/\bdecisions? (\d{3})(?:,? (?:and )?(\d{3}))*/g)].flatMap(
    ([all]) => all.match(/\d{3}/g) ?? [],
  );
  return [...new Set(named)].filter((number) => !numbers.includes(number));
}

/** What docs/decisions/README.md leaves out, or calls otherwise than the decision itself does. */
export function faultsOfIndex(index: string, { decisions }: Repository): string[] {
  return [...decisions]
    .filter(
      ([file, heading]) => !index.includes(`- [${file.slice(0, 3)}](${file}) ${heading.replace(/^# \d{3}: /, '')}\n`),
    )
    .map(
      ([file, heading]) =>
        `docs/decisions/README.md lacks "[${file.slice(0, 3)}](${file}) ${heading.replace(/^# \d{3}: /, '')}"`,
    );
}

function readRepository(): Repository {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => posix.join(folder, file)),
  );
  const files = [...readdirSync(ROOT), ...inFolders].filter((file) => !LEFT_OUT.test(file));
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
  const decided = files.filter((file) => /^docs\/decisions\/\d/.test(file));
  const decisions = new Map(decided.map((file) => [posix.basename(file), read(file).split('\n', 1)[0] ?? '']));
  return { files, scripts: Object.keys(scripts), decisions };
}

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

function main(): void {
  const repository = readRepository();
  const schema = buildSchema(read('gateway/schema.graphql'));
  const documents = repository.files.filter((file) => file.endsWith('.md'));
  const sources = repository.files.filter((file) => /\.(ts|graphql|prisma|sql)$/.test(file) && !/^docs\//.test(file));
  const faults = [
    ...documents.flatMap((file) => faultsOf(file, read(file), repository)),
    ...faultsOfIndex(read('docs/decisions/README.md'), repository),
    // Code names decisions by number.
    ...sources.flatMap((file) =>
      unknownDecisions(read(file), repository).map((number) => `${file} says decision ${number}`),
    ),
  ];
  for (const fault of faults) console.error(`${fault}, which is not there.`);
  const wrong = documents.flatMap((file) => operationFaults(read(file), schema).map((fault) => `${file} ${fault}`));
  for (const fault of wrong) console.error(fault);
  if (faults.length + wrong.length > 0) process.exitCode = 1;
}

if (require.main === module) main();
