import { ExpectedError } from '../runner/errors.ts';

/** Reads the value of an option that is a whole number; a seed, of 32 bits, unless told otherwise. @throws ExpectedError */
export function wholeNumber(flag: string, least = 0, most = 2 ** 32 - 1): (text: string) => number {
  return (text) => {
    if (/^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new ExpectedError(`${flag} is "${text}"; give a whole number from ${least} to ${most}`);
  };
}
