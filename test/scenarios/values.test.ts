import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatDuration, longestDurationMs, parseDuration } from '../../scenarios/duration.ts';
import { percentage } from '../../scenarios/schema.ts';

describe('a duration', () => {
  const cases: [text: string, durationMs: number | undefined][] = [
    ['250ms', 250],
    ['0s', 0],
    ['5s', 5_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['0.0005s', 0.5],
    ['4.35s', 4_350],
    ['5', undefined],
    ['5 s', undefined],
    ['-5s', undefined],
    ['+5s', undefined],
    ['1e3s', undefined],
    ['.5s', undefined],
    ['5S', undefined],
    ['5sec', undefined],
    ['1h30m', undefined],
    [' 5s', undefined],
    ['5s\n', undefined],
    ['', undefined],
  ];
  for (const [text, durationMs] of cases) {
    it(`${JSON.stringify(text)} is ${durationMs === undefined ? 'none' : `${durationMs} ms`}`, () => assert.equal(parseDuration(text), durationMs));
  }

  it('is written in the largest unit that fits', () => {
    const written = [0, 1, 250, 1_000, 1_500, 60_000, 90_000, 3_600_000, 86_400_000, 0.5].map(formatDuration);
    assert.deepEqual(written, ['0s', '1ms', '250ms', '1s', '1.5s', '1m', '90s', '1h', '1d', '0.5ms']);
  });

  it('reads back as it was written, to the microsecond', () => {
    fc.assert(
      fc.property(fc.nat(longestDurationMs), fc.nat(999), (wholeMs, micros) => {
        const durationMs = Math.round(wholeMs * 1_000 + micros) / 1_000;
        assert.equal(parseDuration(formatDuration(durationMs)), durationMs);
      }),
    );
  });
});

describe('a percentage', () => {
  it('is the ratio nearest to it', () => {
    const ratios = ['0%', '100%', '99.95%', '99.999%', '12.5 %', '0.1%'].map((text) => percentage.parse(text));
    assert.deepEqual(ratios, [0, 1, 0.9995, 0.99999, 0.125, 0.001]);
  });

  it('is nothing else', () => {
    for (const text of ['', '50', '0.5', '-1%', '101%', '100.1%', '1e1%', '%', 50, null]) assert.equal(percentage.safeParse(text).success, false, String(text));
  });
});
