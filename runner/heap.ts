import { setFlagsFromString } from 'node:v8';

/**
 * From now on this process keeps V8's heap small: the nursery, where objects are born, as it begins (1 MB), and all else at
 * most a fifth larger than what is in use. Who leaves much behind and keeps little would make the nursery grow to 100 MB, and
 * whenever that is emptied the harness stands still: for a tenth of a second where the system has taken its pages away
 * meanwhile. `--max-semi-space-size` would do the same for it, but is read only when Node starts. Figures are in
 * docs/decisions/a-small-heap.md.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
}
