import { z } from 'zod';
import { durationPattern, formatDuration, longestDurationMs, parseDuration } from './duration.ts';

// A few documents a process: compiling the schemas to code first would cost more than it saves.
z.config({ jitless: true });

const durationHelp = 'give a duration with its unit, such as 250ms, 5s or 8m';

function wrongDuration({ input }: { input?: unknown }): string {
  const bare = typeof input === 'number' ? String(input) : input;
  if (typeof bare !== 'string' || !/^\d+(\.\d+)?$/.test(bare)) return durationHelp;
  return `its unit is missing; write ${bare}ms, ${bare}s or ${bare}m`;
}

/** A duration with its unit, read as milliseconds. */
export const duration = z
  .codec(z.string({ error: wrongDuration }).regex(durationPattern, { error: wrongDuration, abort: true }), z.number(), {
    decode: (text) => parseDuration(text)!,
    encode: formatDuration,
  })
  .refine((durationMs) => durationMs <= longestDurationMs, {
    error: `give at most ${formatDuration(longestDurationMs)}, which is ten years`,
  })
  .meta({ id: 'duration', description: 'A duration with its unit: 250ms, 5s, 8m, 2h, 30d' });

/** A duration that is not zero. */
export const positiveDuration = duration
  .refine((durationMs) => durationMs > 0, { error: 'give more than zero' })
  .meta({ id: 'positive-duration', description: 'A duration with its unit, more than zero: 250ms, 5s, 8m, 2h, 30d' });

const percentageHelp = 'give a percentage from 0% to 100%, such as 99.95%';

/** A percentage such as `99.95%`, read as a ratio from 0 to 1. */
export const percentage = z
  .codec(z.string({ error: percentageHelp }).regex(/^\d{1,3}(?:\.\d{1,6})? ?%$/, { error: percentageHelp, abort: true }), z.number(), {
    // Through a decimal text, so that 99.95% is the number closest to 0.9995 whatever the division makes of it.
    decode: (text) => Number((Number.parseFloat(text) / 100).toFixed(8)),
    encode: (ratio) => `${Number((ratio * 100).toFixed(6))}%`,
  })
  .refine((ratio) => ratio <= 1, { error: percentageHelp })
  .meta({ id: 'percentage', description: 'A percentage from 0% to 100%: 99.95%' });

const rateHelp = 'give a rate with its unit, such as 50/s or 30/m';
const perUnit = { s: 1, m: 60 } as const;

/**
 * The way to write a rate that {@link rate} reads back to the same number.
 *
 * @param perSecond how many in a second
 */
export function formatRate(perSecond: number): string {
  const rounded = Number(perSecond.toFixed(3));
  return rounded === perSecond ? `${rounded}/s` : `${Number((perSecond * perUnit.m).toFixed(3))}/m`;
}

/** A rate such as `50/s` or `30/m`, read as a number in a second. */
export const rate = z
  .codec(z.string({ error: rateHelp }).regex(/^\d{1,6}(?:\.\d{1,3})?\/[sm]$/, { error: rateHelp, abort: true }), z.number(), {
    decode: (text) => Number.parseFloat(text) / perUnit[text.at(-1) as keyof typeof perUnit],
    encode: formatRate,
  })
  .refine((perSecond) => perSecond > 0, { error: 'give more than zero' })
  .meta({ id: 'rate', description: 'A rate with its unit: 50/s, 30/m' });

const identifierHelp = 'give a name of small letters, digits and dashes that starts with a letter';

/** The name of a drill, a probe, a fault or a parameter. */
export const identifier = z.string({ error: identifierHelp }).regex(/^[a-z][a-z0-9-]*$/, { error: identifierHelp });
