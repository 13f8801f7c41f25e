import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What a browser shows that opens an address. */
export interface Page {
  html: string;
  /** The directives of its Content-Security-Policy beside those that every page has. */
  policy: Record<string, string>;
}

/** Pages by their paths. */
export type Pages = Record<string, (request: FastifyRequest) => Page>;

const NOTHING_ELSE = {
  'default-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/** Answers browsers that open the address of a page. Programs ask for JSON, and are not concerned. */
export function answerBrowsers(app: FastifyInstance, pages: Pages): void {
  app.addHook('onRequest', async (request, reply) => {
    const page = opensPage(request) ? pages[request.url.split('?', 1)[0] ?? '']?.(request) : undefined;
    if (!page) return;
    const policy = Object.entries({ ...NOTHING_ELSE, ...page.policy }).map((directive) => directive.join(' '));
    // A page may hold a token, which is for nobody's script.
    reply.removeHeader('access-control-allow-origin');
    return reply
      .headers({
        'content-security-policy': policy.join('; '),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      })
      .type('text/html; charset=utf-8')
      .send(page.html);
  });
}

/** A navigation, as browsers say it: a script's request is for something else than a document, or has an Origin. */
function opensPage({ method, headers }: FastifyRequest): boolean {
  const { accept = '', origin, 'sec-fetch-dest': destination = 'document' } = headers;
  const types = accept.split(',').map((type) => type.split(';', 1)[0]?.trim());
  const wantsHtml = types.includes('text/html') && !types.some((type) => type?.endsWith('json'));
  return method === 'GET' && wantsHtml && origin === undefined && destination === 'document';
}

/** A whole page in the gateway's look. @param body HTML, in which what comes from elsewhere is escaped. */
export function renderPage(title: string, body: string, head = ''): Page {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
${head}
</head>
<body>
${body}
</body>
</html>
`;
  return { html, policy: { 'style-src': STYLE_SOURCE, 'img-src': 'data:' } };
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --text: #1b1f27; --faint: #5d6675; --line: #dfe3ea; --accent: #3b4fd8; --on: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14161b; --card: #1d2027; --text: #e8eaf0; --faint: #9aa3b2; --line: #31363f; --accent: #93a0ff; --on: #14161b; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
h1 { margin: 0 0 .5rem; font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--accent); }
.faint { color: var(--faint); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.1rem 1.25rem; }
.card h3 { margin: 0; font-size: 1.1rem; }
.card p { margin: .15rem 0 .9rem; font-size: .9rem; }
.roles { display: flex; flex-wrap: wrap; gap: .5rem; }
.roles a { padding: .3rem .8rem; border: 1px solid var(--line); border-radius: 2rem; text-decoration: none; font-size: .9rem; }
.roles a:hover { border-color: var(--accent); }
.roles a[aria-current], .roles a:first-child:not(.plain) { background: var(--accent); border-color: var(--accent); color: var(--on); }
ul { padding-left: 1.2rem; margin: .5rem 0; }
code { font: .9em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.25rem; overflow-x: auto; }
`;
const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
