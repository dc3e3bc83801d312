import { readFileSync } from 'node:fs';

/** firedrill's version, from the package file, which lies one folder up in a checkout and two in the package. */
export function version(): string {
  for (const place of ['../package.json', '../../package.json']) {
    const url = new URL(place, import.meta.url);
    try {
      const { name, version: found } = JSON.parse(readFileSync(url, 'utf8')) as { name: string; version: string };
      if (name === 'firedrill') return found;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('the package file of firedrill is missing');
}
