import { z } from 'zod';
import { checkInput, list, text } from '../../shared/inputReader';
import { MAX_ALT_TEXT, MAX_IMAGES } from '../../shared/limits';
import type { UserError } from '../../shared/userErrors';
import type { ProductSetImageInput, UserErrorCode } from '../generated/resolvers';

const isHttpsUrl = (given: string) =>
  given.length <= 2048 && URL.canParse(given) && new URL(given).protocol === 'https:';

const altText = text({ max: MAX_ALT_TEXT, min: 0, lines: true }).nullish();
const url = z.string().refine(isHttpsUrl, 'Expected an https address.').nullish();
const id = z.string().nullish();

export const imageAdded = z
  .object({ stagedUploadId: id, url, altText })
  .refine((image) => (image.stagedUploadId == null) !== (image.url == null), 'Expected either stagedUploadId or url.');

export const imageUpdated = z.object({ altText });

const wantedImage = z
  .object({ id, url, altText })
  .refine((image) => (image.id == null) !== (image.url == null), 'Expected either id or url.');

/** Validates the list of a product's images, as far as that is possible without the stored images. */
export const setImagesFaults = (images: readonly ProductSetImageInput[]): UserError<UserErrorCode>[] =>
  checkInput(list(wantedImage, { max: MAX_IMAGES }), images, ['input', 'images']).faults;
