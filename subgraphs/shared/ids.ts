import { createHash } from 'node:crypto';
import { fromUUIDBytes, typeidUnboxed } from 'typeid-js';

/** The prefix of each kind of id. */
export type IdPrefix =
  | 'prod'
  | 'pvar'
  | 'pimg'
  | 'simg'
  | 'file'
  | 'bulk'
  | 'cat'
  | 'smov'
  | 'ord'
  | 'oitm'
  | 'ohis'
  | 'onot'
  | 'ful'
  | 'cust'
  | 'evt'
  | 'disc'
  | 'dcod'
  | 'srat'
  | 'szon'
  | 'trat'
  | 'pmth'
  | 'hook'
  | 'cart'
  | 'clin'
  | 'pay'
  | 'ptx'
  | 'ref'
  | 'pcap'
  | 'disp'
  | 'gift'
  | 'scra'
  | 'cent'
  | 'whk'
  | 'edel'
  | 'impa'
  | 'apt';

/** A TypeID: the prefix and a UUIDv7, so that ids of one kind sort by creation time. https://github.com/jetify-com/typeid */
export function newId(prefix: IdPrefix): string {
  return typeidUnboxed(prefix);
}

/** Always the same id for the same text, in the form of a TypeID. */
export const hashedId = (prefix: string, text: string): string =>
  fromUUIDBytes(prefix, createHash('sha256').update(text).digest().subarray(0, 16));
