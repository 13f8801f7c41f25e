/** Normalizes a province for storage and comparisons: upper case, empty for none. */
export const provinceKey = (province: string | null | undefined): string => province?.trim().toUpperCase() ?? '';
