import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';
import type { ErrorCode } from './errors';

/**
 * What UTF-8 can carry and PostgreSQL can store. A text of JavaScript can have half of a surrogate pair, which becomes U+FFFD in UTF-8:
 * two different keys would be the same. PostgreSQL has no NUL in texts.
 */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

const CODE: ErrorCode = 'BAD_USER_INPUT';
const EXPECTED = 'well-formed Unicode without NUL';

/** A value, and where it is: the path is made only for one that is wrong. */
interface Place {
  value: unknown;
  key: string;
  within: Place | null;
}

/**
 * An error for a text in the variables that can't be stored, whatever type it is for; null when there is none. A loop, because JSON may
 * be nested deeper than a call stack.
 */
export function textFaultOf(variables: Readonly<Record<string, unknown>>): GraphQLError | null {
  const open: Place[] = [{ value: variables, key: '', within: null }];
  for (let place = open.pop(); place; place = open.pop()) {
    const { value } = place;
    if (typeof value === 'string') {
      if (!isStorable(value)) return badText(pathOf(place));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) open.push({ value: inner, key, within: place });
    }
  }
  return null;
}

function pathOf(place: Place): string {
  const keys: string[] = [];
  for (let at = place; at.within; at = at.within) keys.unshift(at.key);
  return keys.join('.');
}

const badText = (field: string) =>
  new GraphQLError(`${field}: expected ${EXPECTED}.`, {
    extensions: { code: CODE, field, expected: EXPECTED, http: { status: 400 } },
  });

/** A validation rule for texts in the document. One with half of a surrogate pair is no GraphQL, so that only NUL is left to find. */
export const storableTexts = (context: ValidationContext): ASTVisitor => ({
  StringValue(node) {
    if (isStorable(node.value)) return;
    const extensions = { code: CODE, expected: EXPECTED };
    context.reportError(new GraphQLError(`Expected ${EXPECTED}.`, { nodes: node, extensions }));
  },
});
