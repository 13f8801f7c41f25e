/**
 * The money of ISO 4217's list one, as amended until 2026: without its codes for funds and units of account (CLF, XDR), metals (XAU),
 * tests (XTS) and nothing (XXX), in which nobody can be paid. Listed here, because packages and ICU lag behind it.
 * https://www.six-group.com/en/products-services/financial-information/data-standards.html
 */
const MONEY = new Set(
  `
  AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC
  CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR
  ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
  MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
  SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF
  XPF YER ZAR ZMW ZWG
`
    .trim()
    .split(/\s+/),
);

/** ISO 4217's minor units where they are not 2. ICU's differ: it has none for HUF. */
const DIGITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3])),
};

export const isCurrencyCode = (code: string): boolean => MONEY.has(code);

/** Digits after the decimal point: 2 for USD, 0 for JPY, 3 for KWD. */
export const minorDigits = (currencyCode: string): number => DIGITS[currencyCode] ?? 2;
