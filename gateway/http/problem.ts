import { STATUS_CODES } from 'node:http';

/** What is wrong with one field, query parameter or header of a request. */
export interface FieldFault {
  /** As the request has it: `variants.0.price.amount`, `limit`, `If-Match`; null when it is none in particular. */
  field: string | null;
  code: string;
  message: string;
}

export interface Problem {
  status: number;
  code: string;
  detail: string;
  requestId: string;
  errors?: readonly FieldFault[];
  /** In seconds, for THROTTLED and SERVICE_UNAVAILABLE. */
  retryAfter?: number;
  /** What a change that failed has done all the same, such as an order that waits for its payment. */
  result?: object;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const REST_PATHS = /^\/api\/(v1|tenants|products|orders)(?=[/?]|$)/;

/** Whether a request is for the REST API, whose errors are problems. */
export const isRest = (url: string): boolean => REST_PATHS.test(url);

/** An error of the REST API: https://www.rfc-editor.org/rfc/rfc9457 */
export const problemBody = ({ status, code, detail, errors = [], ...more }: Problem): string =>
  JSON.stringify({
    type: problemTypeOf(code),
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    errors,
    ...more,
  });

/** The problem's type is its code: docs/ERRORS.md describes each. */
const problemTypeOf = (code: string): string => `urn:problem-type:${code.toLowerCase().replaceAll('_', '-')}`;
