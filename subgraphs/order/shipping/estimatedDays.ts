/** How long shipping takes, as the API has it; null when the store does not say. */
export const estimatedDays = (min: number | null, max: number | null) =>
  min === null || max === null ? null : { min, max };
