import { typeidUnboxed } from 'typeid-js';

/** What each kind of id begins with. */
export type IdPrefix =
  | 'prod'
  | 'pvar'
  | 'pimg'
  | 'file'
  | 'bulk'
  | 'cat'
  | 'smov'
  | 'ord'
  | 'ohis'
  | 'onot'
  | 'ful'
  | 'cust'
  | 'evt'
  | 'disc'
  | 'srat'
  | 'trat'
  | 'cart'
  | 'clin'
  | 'pay'
  | 'ptx'
  | 'ref'
  | 'whk'
  | 'edel'
  | 'impa';

/** A TypeID: the prefix and a UUIDv7, so ids of one kind sort by the time they were made. https://github.com/jetify-com/typeid */
export function newId(prefix: IdPrefix): string {
  return typeidUnboxed(prefix);
}
