/** A province as it is stored and compared, in upper case: "ca" is "CA". Empty for none. */
export const provinceKey = (province: string | null | undefined): string => province?.trim().toUpperCase() ?? '';
