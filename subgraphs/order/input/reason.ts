import { z } from 'zod';
import { text } from '../../shared/inputReader';

/** The reason for something that can't be undone; it is stored with it. */
export const reasonInput = z.object({ reason: text({ max: 500, lines: true }) });
