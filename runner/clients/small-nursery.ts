import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8 from letting its nursery grow. What asks a hundred times a second or more leaves so much behind that the nursery
 * would come to 130 MB for 20 MB that are in use, and each of its collections would stop the process for longer than a
 * probe may be late. Called before such asking begins; more than once changes nothing.
 */
export function keepNurserySmall(): void {
  setFlagsFromString('--optimize-for-size');
}
