/** A tax of a demo store, as TaxRateCreateInput has it. */
export interface DemoTaxRate {
  countryCode: string;
  province?: string;
  postalCodes?: string[];
  taxClass?: 'REDUCED';
  name: string;
  rate: string;
}

/** Of a store with a presence in three states. New York City has a rate of its own. */
export const US_TAX_RATES: DemoTaxRate[] = [
  { countryCode: 'US', province: 'CA', name: 'Sales tax', rate: '7.25' },
  { countryCode: 'US', province: 'TX', name: 'Sales tax', rate: '6.25' },
  { countryCode: 'US', province: 'NY', name: 'Sales tax', rate: '4' },
  { countryCode: 'US', province: 'NY', postalCodes: ['10001..10292'], name: 'Sales tax', rate: '8.875' },
];

/** The standard rates of the EU, where a store taxes at the buyer's country's rate. Germany's reduced rate, too, for one product. */
export const EU_TAX_RATES: DemoTaxRate[] = [
  { countryCode: 'AT', name: 'USt.', rate: '20' },
  { countryCode: 'BE', name: 'TVA/BTW', rate: '21' },
  { countryCode: 'BG', name: 'ДДС', rate: '20' },
  { countryCode: 'CY', name: 'ΦΠΑ', rate: '19' },
  { countryCode: 'CZ', name: 'DPH', rate: '21' },
  { countryCode: 'DE', name: 'MwSt.', rate: '19' },
  { countryCode: 'DK', name: 'Moms', rate: '25' },
  { countryCode: 'EE', name: 'KM', rate: '24' },
  { countryCode: 'ES', name: 'IVA', rate: '21' },
  { countryCode: 'FI', name: 'ALV', rate: '25.5' },
  { countryCode: 'FR', name: 'TVA', rate: '20' },
  { countryCode: 'GR', name: 'ΦΠΑ', rate: '24' },
  { countryCode: 'HR', name: 'PDV', rate: '25' },
  { countryCode: 'HU', name: 'ÁFA', rate: '27' },
  { countryCode: 'IE', name: 'VAT', rate: '23' },
  { countryCode: 'IT', name: 'IVA', rate: '22' },
  { countryCode: 'LT', name: 'PVM', rate: '21' },
  { countryCode: 'LU', name: 'TVA', rate: '17' },
  { countryCode: 'LV', name: 'PVN', rate: '21' },
  { countryCode: 'MT', name: 'VAT', rate: '18' },
  { countryCode: 'NL', name: 'Btw', rate: '21' },
  { countryCode: 'PL', name: 'VAT', rate: '23' },
  { countryCode: 'PT', name: 'IVA', rate: '23' },
  { countryCode: 'RO', name: 'TVA', rate: '21' },
  { countryCode: 'SE', name: 'Moms', rate: '25' },
  { countryCode: 'SI', name: 'DDV', rate: '22' },
  { countryCode: 'SK', name: 'DPH', rate: '23' },
  { countryCode: 'DE', taxClass: 'REDUCED', name: 'MwSt.', rate: '7' },
];
