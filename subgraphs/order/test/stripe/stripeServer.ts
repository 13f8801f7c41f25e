import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { invalid, newStripeId, StripeAccount, StripeFault, type StripeObject } from './stripeObjects';

/**
 * BEFORE: a 5xx without effect. KEPT: a 5xx without effect that is repeated under the same idempotency key.
 * DONE: a 5xx, but with effect, that is repeated under the same key. LOST: it has its effect, and no answer.
 */
type Failure = 'BEFORE' | 'KEPT' | 'DONE' | 'LOST';

interface Answer {
  status: number;
  body: StripeObject;
}

/**
 * A fake of the part of Stripe's API that orders need, over HTTP: paths, form-encoded bodies, responses and errors, idempotency keys,
 * accounts by Stripe-Account, and webhooks signed by the SDK.
 */
export class StripeServer {
  static readonly key = 'sk_test_standin';
  static readonly secret = 'whsec_testtesttesttesttesttesttest';
  readonly #accounts = new Map<string, StripeAccount>();
  readonly #kept = new Map<string, { params: string; answer: Answer }>();
  readonly #failures: { what: RegExp; how: Failure; times: number }[] = [];
  readonly #sdk = new Stripe(StripeServer.key);
  /** The received requests: 'POST /v1/payment_intents', … */
  readonly asked: string[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.#handle(request, response));
  }

  static async start(): Promise<StripeServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StripeServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The environment variables of an order subgraph that uses this server. */
  get env(): Record<string, string> {
    return {
      STRIPE_SECRET_KEY: StripeServer.key,
      STRIPE_WEBHOOK_SIGNING_SECRET: `whsec_theoneoftheyearbefore,${StripeServer.secret}`,
      STRIPE_API_URL: this.url,
    };
  }

  /** A connected account, of a store or without one. */
  connect(tenantId: string | null): StripeAccount {
    const account = new StripeAccount(newStripeId('acct'), tenantId);
    this.#accounts.set(account.id, account);
    return account;
  }

  /** The idempotency keys of an account's requests, in order. */
  keysOf({ id }: StripeAccount): string[] {
    return [...this.#kept.keys()].filter((key) => key.startsWith(`${id} `)).map((key) => key.slice(id.length + 1));
  }

  /** Fails the next requests that match, such as 'POST /v1/refunds'. The SDK retries once, so a call makes two requests. */
  fail(what: RegExp, how: Failure, times: number): void {
    this.#failures.push({ what, how, times });
  }

  /** Sends a webhook event, as Stripe does. */
  deliver(
    url: string,
    type: string,
    object: StripeObject,
    { account, ...options }: DeliveryOptions,
  ): Promise<Response> {
    const { body, signature } = this.sign(type, object, account, options);
    return fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
      body,
    });
  }

  sign(type: string, object: StripeObject, account: string | null, { id, secret, at }: SignOptions = {}) {
    const event = { id: id ?? newStripeId('evt'), object: 'event', api_version: Stripe.API_VERSION, type };
    const body = JSON.stringify({ ...event, ...(account && { account }), livemode: false, data: { object } });
    const signature = this.#sdk.webhooks.generateTestHeaderString({
      payload: body,
      secret: secret ?? StripeServer.secret,
      ...(at && { timestamp: Math.floor(at.getTime() / 1000) }),
    });
    return { body, signature };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '', this.url);
    const form = Buffer.concat(chunks).toString();
    const what = `${request.method} ${url.pathname}`;
    this.asked.push(what);
    const failure = this.#nextFailure(what);
    const key = request.headers['idempotency-key'];
    const keyed = key && `${request.headers['stripe-account']} ${key}`;
    const kept = keyed ? this.#kept.get(keyed) : undefined;

    let answer: Answer;
    if (kept && kept.params !== `${what} ${form}`) {
      const message = 'Keys for idempotent requests can only be used with the same parameters.';
      answer = { status: 400, body: { error: { type: 'idempotency_error', message } } };
    } else if (kept) answer = kept.answer;
    else {
      const refuse = failure === 'BEFORE' || failure === 'KEPT';
      answer = refuse ? BROKEN : this.#answer(request, url, readForm(form || url.searchParams.toString()));
      if (failure === 'DONE') answer = BROKEN;
      if (keyed && failure !== 'BEFORE') this.#kept.set(keyed, { params: `${what} ${form}`, answer: clone(answer) });
    }
    if (failure === 'LOST') return void response.destroy();
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'request-id': newStripeId('req'),
      ...(kept && { 'idempotent-replayed': 'true' }),
    });
    response.end(JSON.stringify(answer.body));
  }

  #nextFailure(what: string): Failure | undefined {
    const failure = this.#failures.find((one) => one.times > 0 && one.what.test(what));
    if (!failure) return undefined;
    failure.times -= 1;
    return failure.how;
  }

  #answer(request: IncomingMessage, url: URL, params: Record<string, StripeObject>): Answer {
    try {
      if (request.headers.authorization !== `Bearer ${StripeServer.key}`) {
        throw new StripeFault(401, { type: 'invalid_request_error', message: 'Invalid API Key provided' });
      }
      const account = this.#accountOf(request.headers['stripe-account'] as string | undefined, url);
      return { status: 200, body: route(account, request.method ?? '', url.pathname, params) };
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error;
      return { status: error.status, body: { error: error.body } };
    }
  }

  #accountOf(header: string | undefined, url: URL): StripeAccount {
    const named = /^\/v1\/accounts\/(\w+)$/.exec(url.pathname)?.[1];
    const account = this.#accounts.get(named ?? header ?? '');
    if (account) return account;
    const message = 'The provided key does not have access to this account (or that account does not exist).';
    throw new StripeFault(403, { type: 'invalid_request_error', code: 'account_invalid', message });
  }
}

type SignOptions = { id?: string; secret?: string; at?: Date };
type DeliveryOptions = SignOptions & { account: string | null };

const BROKEN = { status: 500, body: { error: { type: 'api_error', message: 'Sorry, an error occurred.' } } };

function route(account: StripeAccount, method: string, path: string, params: Record<string, StripeObject>) {
  const [, , resource, id, action] = path.split('/');
  const what = `${method} ${resource}${id ? '/:id' : ''}${action ? `/${action}` : ''}`;
  const intent = () => {
    const found = account.intents.get(id ?? '');
    if (!found) throw invalid('resource_missing', `No such payment_intent: '${id}'`, 404);
    return found;
  };
  switch (what) {
    case 'GET accounts/:id': {
      const metadata = account.tenantId ? { tenant_id: account.tenantId } : {};
      return { id: account.id, object: 'account', charges_enabled: true, metadata };
    }
    case 'POST payment_intents':
      return account.shown(account.createIntent(params), params);
    case 'GET payment_intents':
      return listOf(path, [...account.intents.values()].filter(createdWithin(params.created)).reverse());
    case 'GET payment_intents/:id':
      return account.shown(intent(), params);
    case 'POST payment_intents/:id/capture':
      return account.capture(intent(), params);
    case 'POST payment_intents/:id/cancel':
      return account.cancel(intent());
    case 'GET disputes/:id': {
      const dispute = account.disputes.get(id ?? '');
      if (!dispute) throw invalid('resource_missing', `No such dispute: '${id}'`, 404);
      return dispute;
    }
    case 'POST refunds':
      return account.refund(params);
    case 'GET refunds':
      return listOf(path, account.refundsOf(params.payment_intent));
    default:
      throw invalid('', `Unrecognized request URL (${method}: ${path}).`, 404);
  }
}

const createdWithin =
  ({ gte = 0, lte = Number.POSITIVE_INFINITY }: StripeObject = {}) =>
  ({ created }: StripeObject) =>
    created >= Number(gte) && created <= Number(lte);
const listOf = (url: string, data: StripeObject[]) => ({ object: 'list', url, has_more: false, data });
const clone = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

/** a[b]=c to { a: { b: 'c' } } */
function readForm(form: string): Record<string, StripeObject> {
  const params: Record<string, StripeObject> = {};
  for (const [name, value] of new URLSearchParams(form)) {
    const [first = '', ...inner] = name.split(/\[|\]\[?/).filter((part, index) => index === 0 || part !== '');
    let at = params;
    let key = first;
    for (const part of inner) {
      at[key] ??= {};
      at = at[key];
      key = part;
    }
    at[key] = value;
  }
  return params;
}
