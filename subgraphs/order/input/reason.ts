import { z } from 'zod';
import { text } from '../../shared/inputReader';

/** Why staff do something that can't be undone: it is kept with what they did. */
export const reasonInput = z.object({ reason: text(500) });
