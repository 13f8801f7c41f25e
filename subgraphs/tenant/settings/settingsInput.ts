import { z } from 'zod';
import type { UserError } from '../../shared/errors';
import type { TenantErrorCode, TenantSettingsUpdateInput } from '../generated/resolvers';

const MAX_CURRENCIES = 20;

const color = z.string().regex(/^#[0-9a-f]{6}$/i, 'a color such as #1a2b3c');
const address = z.url({ protocol: /^https$/, error: 'an https:// address' }).max(2_000, 'at most 2000 characters');

/** What a store's theme may hold. Stored as JSON; what is null is left out. */
const theme = z.object({
  primaryColor: color.nullish(),
  accentColor: color.nullish(),
  backgroundColor: color.nullish(),
  logoUrl: address.nullish(),
  faviconUrl: address.nullish(),
  font: z
    .string()
    .regex(/^[\w -]{1,60}$/, 'the name of a font, 1 to 60 letters, digits, spaces and hyphens')
    .nullish(),
});

/** By field of the input: what it must be, and in which words to ask for it. */
const FIELDS = {
  defaultCurrency: z.string(),
  supportedCurrencies: z
    .array(z.string())
    .min(1, `1 to ${MAX_CURRENCIES} currencies`)
    .max(MAX_CURRENCIES, `1 to ${MAX_CURRENCIES} currencies`)
    .refine((all) => new Set(all).size === all.length, 'each currency once'),
  locale: z
    .string()
    .max(35, 'a BCP 47 language tag such as en-US')
    .refine(isLocale, 'a BCP 47 language tag such as en-US'),
  timeZone: z
    .string()
    .max(60, 'an IANA time zone such as Europe/Berlin')
    .refine(isTimeZone, 'an IANA time zone such as Europe/Berlin'),
  supportEmail: z.email('an e-mail address').max(254, 'an e-mail address of at most 254 characters').nullable(),
  theme,
  orderPrefix: z.string().regex(/^[\w#/-]{0,10}$/, 'up to 10 letters, digits or any of # / - _'),
  taxIncludedInPrices: z.boolean(),
  showExactStock: z.boolean(),
} as const;

export type SettingsChanges = { [Field in keyof typeof FIELDS]?: z.output<(typeof FIELDS)[Field]> };

/** The fields that the client gave, as they are stored, and what is wrong with them. What was left out stays as it is. */
export function readSettingsChanges(input: TenantSettingsUpdateInput): {
  changes: SettingsChanges;
  faults: UserError<TenantErrorCode>[];
} {
  const changes: Record<string, unknown> = {};
  const faults: UserError<TenantErrorCode>[] = [];
  for (const [name, schema] of Object.entries(FIELDS)) {
    const given = input[name as keyof typeof FIELDS];
    if (given === undefined) continue;
    const result = (schema as z.ZodType).safeParse(given);
    if (result.success) changes[name] = withoutNulls(result.data);
    for (const issue of result.error?.issues ?? []) {
      const field = ['input', name, ...issue.path.map(String)];
      const expected = given === null ? 'a value: this can be changed, and not taken away' : issue.message;
      faults.push({ field, code: given === null ? 'REQUIRED' : 'INVALID', message: `Expected ${expected}.` });
    }
  }
  return { changes: changes as SettingsChanges, faults };
}

const withoutNulls = (value: unknown) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, entry]) => entry != null))
    : value;

const LANGUAGES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** In its usual form, and of a language that there is: "english" has a form that a language could have. */
function isLocale(tag: string): boolean {
  return isAccepted(
    () => Intl.getCanonicalLocales(tag)[0] === tag && LANGUAGES.of(new Intl.Locale(tag).language) !== undefined,
  );
}

function isTimeZone(zone: string): boolean {
  return /^[A-Za-z]/.test(zone) && isAccepted(() => new Intl.DateTimeFormat('en', { timeZone: zone }) !== null);
}

/** Intl throws a RangeError for what it does not know: that is its answer. */
function isAccepted(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}
