/** Such as Clerk's `getToken`: a new token each time the old one is about to expire, null for a visitor. */
export type GetToken = (options?: { skipCache?: boolean }) => Promise<string | null>;

const RETRIES = 3;

/**
 * `fetch` for any GraphQL client: it adds the token, gets a new one when the API refuses it, and when the API answers THROTTLED, sends
 * the same request again as soon as Retry-After says. A request that is throttled has done nothing, so a mutation may be repeated, too.
 */
export const storeFetch = (getToken: GetToken): typeof fetch => {
  return async (input, init) => {
    let skipCache = false;
    for (let attempt = 0; ; attempt += 1) {
      const headers = new Headers(init?.headers);
      const token: string | null = await getToken({ skipCache });
      if (token !== null) headers.set('authorization', `Bearer ${token}`);
      const response = await fetch(input, { ...init, headers });
      const refusedToken: boolean = response.status === 401 && token !== null && !skipCache;
      const seconds = response.status === 429 ? Number(response.headers.get('retry-after') ?? 1) : 0;
      if (attempt === RETRIES || (!refusedToken && seconds === 0)) return response;
      await response.body?.cancel();
      skipCache ||= refusedToken;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    }
  };
};
