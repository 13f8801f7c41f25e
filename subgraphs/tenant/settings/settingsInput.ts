import { z } from 'zod';
import { emailInput } from '../../shared/email';
import { notNull, readInput, text } from '../../shared/inputReader';
import { omitUndefined } from '../../shared/omitUndefined';
import type { TenantSettingsUpdateInput } from '../generated/resolvers';

const MAX_CURRENCIES = 20;
const CURRENCIES = `Expected 1 to ${MAX_CURRENCIES} currencies.`;
const COLOR = 'Expected a color such as #1a2b3c.';
const FONT = 'Expected the name of a font, 1 to 60 letters, digits, spaces and hyphens.';
const LOCALE = 'Expected a BCP 47 language tag such as en-US.';
const TIME_ZONE = 'Expected an IANA time zone such as Europe/Berlin.';
const PREFIX = 'Expected up to 10 letters, digits or any of # / - _.';

/** A text whose format is checked below; being empty is an error of the format. */
const formed = (max: number) => text({ max, min: 0 });
const color = formed(100).regex(/^#[0-9a-f]{6}$/i, COLOR);
const httpsUrl = formed(2_000).pipe(z.url({ protocol: /^https$/, error: 'Expected an https:// address.' }));

const theme = z.object({
  primaryColor: color.nullish(),
  accentColor: color.nullish(),
  backgroundColor: color.nullish(),
  logoUrl: httpsUrl.nullish(),
  faviconUrl: httpsUrl.nullish(),
  font: formed(60)
    .regex(/^[\w -]+$/, FONT)
    .nullish(),
});

const field = <Schema extends z.ZodType>(schema: Schema) =>
  notNull(schema, 'Expected a value: it can be changed, and not taken away.');

const settings = z.object({
  defaultCurrency: field(z.string()),
  supportedCurrencies: field(
    z
      .array(z.string())
      .refine(({ length }) => length >= 1 && length <= MAX_CURRENCIES, CURRENCIES)
      .refine((all) => new Set(all).size === all.length, 'Expected each currency once.'),
  ),
  locale: field(formed(35).refine(isLocale, LOCALE)),
  timeZone: field(formed(60).refine(isTimeZone, TIME_ZONE)),
  supportEmail: emailInput.nullish(),
  theme: field(theme),
  // An empty one, which is null here, is a value: numbers without a prefix.
  orderPrefix: formed(10)
    .regex(/^[\w#/-]*$/, PREFIX)
    .nullish()
    .transform((prefix) => (prefix === null ? '' : prefix)),
  showExactStock: field(z.boolean()),
} satisfies Record<Exclude<keyof TenantSettingsUpdateInput, 'expectedVersion'>, z.ZodType>);

/** The given fields as they are stored. @throws UserErrors with all errors of the input. */
export const readSettingsChanges = (input: TenantSettingsUpdateInput) => omitUndefined(readInput(settings, input));

const LANGUAGES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** Whether a tag is canonical and its language exists: "english" would be well-formed. */
function isLocale(tag: string): boolean {
  return isAccepted(
    () => Intl.getCanonicalLocales(tag)[0] === tag && LANGUAGES.of(new Intl.Locale(tag).language) !== undefined,
  );
}

function isTimeZone(zone: string): boolean {
  return /^[A-Za-z]/.test(zone) && isAccepted(() => new Intl.DateTimeFormat('en', { timeZone: zone }) !== null);
}

/** Intl throws a RangeError for a value that it does not know; it has no other check. */
function isAccepted(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}
