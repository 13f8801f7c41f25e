/**
 * A place's name for comparisons: people leave out accents, capitals, spaces and hyphens. Unicode's compatibility decomposition
 * takes accents off their letters; letters and digits of any script stay.
 */
export const placeName = (typed: string): string =>
  typed
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
