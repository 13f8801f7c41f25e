// Runs in a browser, as it is.
/* global document, window */

const config = JSON.parse(document.getElementById('config').textContent);
const target = document.getElementById('explorer');
const OFFLINE_MS = 8_000;

if (config.tool === 'sandbox') openSandbox().catch(openGraphiql);
else void openGraphiql();

/** The address of the API is this page's. */
const endpoint = () => new URL('/graphql', window.location.href).href;

/** @throws when Apollo's script can't be loaded: without internet, at once or after a while. */
async function openSandbox() {
  await load(config.sandboxScript, OFFLINE_MS);
  new window.EmbeddedSandbox({
    target: '#explorer',
    initialEndpoint: endpoint(),
    endpointIsEditable: false,
    includeCookies: false,
    hideCookieToggle: true,
    runTelemetry: false,
    allowDynamicStyles: false,
    initialState: { document: config.document, headers: config.headers, includeCookies: false },
  });
}

async function openGraphiql() {
  for (const link of document.querySelectorAll('nav a[href*="tool="]')) {
    const isCurrent = link.textContent === 'GraphiQL';
    if (isCurrent) link.setAttribute('aria-current', 'page');
    else if (link.textContent === 'Sandbox') link.removeAttribute('aria-current');
  }
  await load(config.graphiqlScript);
  window.YogaGraphiQL.renderYogaGraphiQL(target, {
    endpoint: endpoint(),
    title: 'GraphiQL',
    defaultQuery: config.document,
    headers: JSON.stringify(config.headers, null, 2),
    // What another store's page has stored is not for this one.
    shouldPersistHeaders: false,
    storage: memory(),
    defaultEditorToolsVisibility: 'headers',
  });
}

function load(source, withinMs) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = source;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${source} can't be loaded`));
    if (withinMs) setTimeout(script.onerror, withinMs);
    document.head.append(script);
  });
}

function memory() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, String(value)),
    removeItem: (key) => kept.delete(key),
    clear: () => kept.clear(),
    get length() {
      return kept.size;
    },
  };
}
