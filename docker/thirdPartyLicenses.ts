import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package of the image, as its own files describe it. */
export interface ShippedPackage {
  name: string;
  version: string;
  /** SPDX expression; null when package.json has none. */
  license: string | null;
  author: string | null;
  /** Its licence and notice files. */
  texts: { file: string; text: string }[];
  readme: string | null;
}

interface Manifest extends Pick<ShippedPackage, 'name' | 'version'> {
  license?: string;
  author?: string | { name?: string };
}

const LICENSE_FILE = /^(licen[cs]e|copying|notice|copyright|third[-_ ]?party)/i;
const PACKAGE_FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const ISC = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the
above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`;

/** By SPDX expression: the text for packages that name a licence without containing it. */
const STANDARD_TEXTS: Readonly<Record<string, string>> = {
  MIT,
  'MIT/X11': MIT,
  ISC,
  'Apache-2.0': 'See /usr/share/common-licenses/Apache-2.0, or https://www.apache.org/licenses/LICENSE-2.0.txt',
  'LGPL-3.0-or-later':
    'See /usr/share/common-licenses/LGPL-3 and GPL-3, or https://www.gnu.org/licenses/lgpl-3.0.txt. The package is a shared library in a file of its own, which may be replaced by another build. Its source: https://github.com/lovell/sharp-libvips',
};

/** @param files paths of the image from `root`. @returns the packages that they belong to, sorted by path. */
export function readShippedPackages(root: string, files: readonly string[]): ShippedPackage[] {
  const folders = new Set(files.flatMap((file) => PACKAGE_FOLDER.exec(file)?.[0] ?? []));
  return [...folders].sort().map((folder) => {
    const read = (file: string) => readFileSync(join(root, folder, file), 'utf8');
    const { name, version, license, author }: Manifest = JSON.parse(read('package.json'));
    const own = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) => entry.isFile());
    const readme = own.find((entry) => /^readme\b/i.test(entry.name))?.name;
    return {
      name,
      version,
      license: license ?? null,
      author: (typeof author === 'string' ? author : author?.name) ?? null,
      texts: own.filter((entry) => LICENSE_FILE.test(entry.name)).map(({ name: file }) => ({ file, text: read(file) })),
      readme: readme === undefined ? null : read(readme),
    };
  });
}

/**
 * The text of THIRD_PARTY_LICENSES: nearly every licence requires that its text and the copyright notices go with each copy.
 * @throws Error for a package without a licence file whose licence has no standard text here.
 */
export const renderThirdPartyLicenses = (packages: readonly ShippedPackage[]): string =>
  [
    'The licences of the packages in this image. Node.js and Debian have theirs in /usr/local/LICENSE and /usr/share/doc.',
    ...packages.map((it) => `${it.name} ${it.version} (${it.license ?? 'see below'})\n\n${textOf(it)}`),
  ].join(`\n\n${'='.repeat(80)}\n\n`);

function textOf({ name, license, author, texts, readme }: ShippedPackage): string {
  if (texts.length > 0) return texts.map(({ text }) => text.trim()).join('\n\n');
  const standard = STANDARD_TEXTS[license ?? ''];
  if (standard === undefined)
    throw new Error(`${name} has no licence file, and ${license} no text in docker/thirdPartyLicenses.ts`);
  const notice = `Copyright ${author ?? `the authors of ${name}`}`;
  return [notice, licenseSection(readme ?? ''), standard].filter((part) => part !== '').join('\n\n');
}

/** The section about the licence in a package's README; empty when there is none. */
function licenseSection(readme: string): string {
  const section = readme.split(/^#+ +/m).find((part) => /^licen[cs](e|es|ing)\b/i.test(part));
  return section?.replace(/^.*/, '').trim() ?? '';
}
