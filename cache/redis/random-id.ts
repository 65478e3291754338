import { randomBytes } from 'node:crypto';

/** Bytes of randomness: no two ids that were ever compared are the same by chance. 16 letters as text, see `ID_LENGTH`. */
const ID_BYTES = 12;

/** What no other process, and no former life of this record, has ever had as its id. */
export function randomId(): string {
  return randomBytes(ID_BYTES).toString('base64url');
}
