import { ExpectedError } from '../runner/errors.ts';

/** Reads the value of an option that is a seed: 32 bits. @throws ExpectedError */
export function wholeNumber(flag: string): (text: string) => number {
  return (text) => {
    if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
    throw new ExpectedError(`${flag} is "${text}"; give a whole number from 0 to ${2 ** 32 - 1}`);
  };
}
