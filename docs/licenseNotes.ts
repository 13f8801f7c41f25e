/** Licences whose only duty here is to keep their notice with copies. */
export const PERMISSIVE: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'Apache-2.0 AND MIT',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT AND BSD-3-Clause',
  'MIT OR Apache-2.0',
  'MIT OR CC0-1.0',
  'MIT and ISC',
  'MIT/X11',
  'Unlicense',
];

/** Old packages without an SPDX expression in their metadata, by what their LICENSE file says. */
export const BY_HAND: Readonly<Record<string, string>> = {
  busboy: 'MIT',
  dicer: 'MIT',
  'seq-queue': 'MIT',
  streamsearch: 'MIT',
};

/** What a lawyer should look at, by SPDX expression: what it requires, and what it means for this project. */
export const LICENSE_NOTES: Readonly<Record<string, string>> = {
  'Elastic-2.0': `Apollo Federation's gateway, query planner and composition are source-available, not open source. The licence lets everybody use, change
and distribute them, but not "provide the software to third parties as a hosted or managed service, where the service provides users
with access to any substantial set of the features or functionality of the software". Here the gateway serves one platform's own
commerce API; stores can't compose subgraphs of their own or configure the gateway, so the usual reading is that this is allowed. A
lawyer should confirm it before the platform is sold as a hosted service, and again before stores may bring subgraphs of their own.
Notices must stay, and the licence's text goes with copies. \`@apollo/server\` and \`@apollo/subgraph\` are MIT. If the answer is no,
another gateway that reads the same supergraph can take its place, such as Hive Gateway (MIT): only \`gateway/\` imports these packages.`,

  'Unicode-3.0': `Unicode's CLDR, whose English names of provinces are in \`subgraphs/order/input/provinceNames.ts\`. As MIT, it only requires that copies
of the data keep the notice, or that it is in the documentation that goes with them: © 1991-2026 Unicode, Inc. The other names in that file are
by iso-3166 (MIT) and, in the countries' own languages, from Google's address data.`,

  'LGPL-3.0-or-later': `libvips, which decodes and encodes images for \`sharp\`. It is a shared library beside the code and can be replaced by another
build, which is what the LGPL requires of programs that use it. Running it as a service requires nothing. Anyone who distributes the image has to
add the licence, say where the library's source is, and may not forbid replacing the library. The same binary contains other libraries,
among them cairo under MPL-1.1 and an AV1 codec with a patent licence: the package's README lists them all. npm installs the one
package that fits the machine; the lock file names every platform's.`,

  'Apache-2.0 AND LGPL-3.0-or-later': 'sharp for Windows with libvips in it: as LGPL-3.0-or-later.',

  'Apache-2.0 AND LGPL-3.0-or-later AND MIT': `sharp as WebAssembly with libvips linked into it: as LGPL-3.0-or-later, but libvips can only be replaced by building the package
anew. It is installed where no other build of sharp fits, and never in the image.`,

  'EPL-2.0': `A part of Prisma Studio, which comes with Prisma's command line. The Eclipse licence requires the source of changes to its own files to be
published. Nothing here loads or changes it.`,

  'CC-BY-4.0':
    'Data about browsers, read by Babel while code is generated. It requires attribution where the data is distributed, and it is not.',

  'Python-2.0': "A port of Python's argparse under Python's own licence, which is permissive.",

  'none named': `These name no licence anywhere, so strictly nobody may copy them. They are parts of a test server, are neither changed nor
distributed, and go when that server is replaced.`,
};

export const SERVERS_NOTE = `They are images of others, pulled and not distributed by this project. PostgreSQL has a permissive licence of its own, RabbitMQ is MPL-2.0,
Prometheus Apache-2.0. **Redis 8 is offered under RSALv2, SSPLv1 or AGPL-3.0**: using it inside of the platform, unchanged and not offered to others as a
service, is allowed by each. Where a policy excludes all three, Valkey (BSD-3-Clause) speaks the same protocol.`;
