import assert from 'node:assert/strict';
import { clockAhead, skewInWords } from '../../../runner/clients/kubernetes-clock.ts';

describe("the API server's clock", () => {
  const at = Date.parse('2026-11-23T10:00:00Z');
  const date = new Date(at).toUTCString();
  const cases: [what: string, date: string | undefined, askedMs: number, seenMs: number, aheadMs: number][] = [
    ['the same', date, at + 300, at + 340, 0],
    ['the same, answered slowly', date, at - 4_000, at + 900, 0],
    ['within the second that the header leaves out', date, at + 999, at + 999, 0],
    ['ahead', date, at - 60_010, at - 60_000, 60_000],
    ['behind', date, at + 61_000, at + 61_010, -60_000],
    ['not told', undefined, at, at, 0],
    ['told in no date', 'soon', at, at, 0],
  ];
  for (const [what, header, askedMs, seenMs, aheadMs] of cases) {
    it(`is ${what}`, () => assert.equal(clockAhead(header, askedMs, seenMs), aheadMs));
  }

  it('is worth a word from two seconds on', () => {
    assert.equal(skewInWords(1_999), undefined);
    assert.equal(skewInWords(-120_300), "its clock is 2m behind this machine's");
  });
});
