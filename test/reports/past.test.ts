import assert from 'node:assert/strict';
import { comparisonMarkdown, comparisonText } from '../../reports/past/comparison.ts';
import { historyText } from '../../reports/past/history-text.ts';
import { indexPage } from '../../reports/past/index-page.ts';
import { trendPage } from '../../reports/past/trend-page.ts';
import { trendText } from '../../reports/past/trend-text.ts';
import { compareRuns } from '../../runner/past/compare.ts';
import { listingOf, type Listing } from '../../runner/past/listing.ts';
import type { RunSummary } from '../../runner/past/summary.ts';
import { trendOf } from '../../runner/past/trend.ts';
import { repeats, summed } from '../runner/past/many-runs.ts';
import { hostileTexts } from './any-run.ts';

function listing(runs: readonly RunSummary[], odd: Listing['odd'] = []): Listing {
  return listingOf(runs.map((summary) => ({ summary, folder: summary.run, hasPage: true, problems: [] })), odd, {});
}

/** A run whose every text is this one. */
function full(text: string): RunSummary {
  const one = summed(1);
  return { ...one, run: text, drill: text, title: text, tags: [text], environment: text, headline: text, slos: one.slos.map((slo) => ({ ...slo, name: text })), steps: one.steps.map((step) => ({ ...step, fault: text, step: text })) };
}

const pages = (runs: readonly RunSummary[], odd: Listing['odd'] = []): string[] => [indexPage(listing(runs, odd)), trendPage(trendOf(runs[0]?.drill ?? 'x', runs))];
const texts = (runs: readonly RunSummary[]): string[] => [historyText(listing(runs)), trendText(trendOf('x', runs)), ...(runs.length > 0 ? [comparisonText(compareRuns([{ name: runs[0]!.run, runs }]))] : [])];

describe('what is told of many runs', () => {
  it('lists a run a line, its score, the areas, and what could not be read', () => {
    const text = historyText(listing([summed(1), summed(2, { verdict: 'broken', exitCode: 1, score: { value: -0.25, slo: 'x', says: '' } })], [{ folder: 'photos', why: 'it has no journal' }]));
    assert.match(text, /^began \(UTC\) +drill +in +verdict +exit +took +back after +score +run\n2026-11-03 10:00 +etcd-zone-plus-one +lab +✗ broken +1 .*−25 %.*\n2026-11-02 10:00 .*✓ held +0 /);
    assert.match(text, /Score by area.*\n +etcd +−25 %/);
    assert.match(text, /Not listed\n {2}photos: it has no journal\n$/);
    assert.equal(historyText(listing([])), 'no run is there that fits\n');
  });

  it('shows runs side by side, for the terminal and for pull requests', () => {
    const comparison = compareRuns([{ name: 'before', runs: repeats(6, 1) }, { name: 'after', runs: repeats(6, 1.5, 10) }]);
    const row = /writes are back \(longest outage\).*1\.01 s.*1\.52 s.*\+508 ms \(\+50 %\).*\+4\d\d ms to \+5\d\d ms.*yes, more/;
    assert.match(comparisonText(comparison), row);
    assert.match(comparisonMarkdown(comparison).replaceAll('\\', ''), row);
    assert.match(comparisonText(compareRuns([{ name: 'a', runs: [summed(1)] }, { name: 'b', runs: [summed(2)] }])), /too few repeats\n.*\n\ntoo few repeats to tell a change/s);
  });

  it('draws a bar for each run, with the limit, and a point for each on the page', () => {
    const trend = trendOf('x', [summed(1), summed(2, { factor: 3 })]);
    const [first, second] = trendText(trend).split('\n').filter((line) => line.startsWith('2026')) as [string, string];
    assert.match(first, /^2026-11-02 10:00 +✓ +█{7,9}[▏▎▍▌▋▊▉]? +│ +1 s ± 20 ms$/);
    assert.match(second, /^2026-11-03 10:00 +✓ +█{23,25}[▏▎▍▌▋▊▉]? +│ +3 s ± 20 ms$/);
    const page = trendPage(trend);
    assert.equal(page.match(/<circle /g)!.length, 4);
    assert.match(page, /aria-label="writes are back, longest outage, over 2 runs: 1 s ± 20 ms at first, 3 s ± 20 ms in the newest"/);
    assert.match(trendText(trendOf('x', [])), /no run of x is there/);
  });

  it('tells of times that did not end', () => {
    const endless = summed(1, { factor: Infinity });
    for (const text of [...texts([endless]), ...pages([endless])]) assert.doesNotMatch(text, /NaN|Infinity|undefined/);
    assert.match(trendText(trendOf('x', [endless])), /had not ended/);
  });

  it('needs no network and no script, and links only to what lies beside it', () => {
    for (const page of pages([summed(1), summed(2)], [{ folder: 'a/../b', why: '<script>' }])) {
      assert.match(page, /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/);
      assert.doesNotMatch(page, /<script|<link|<img|\sstyle=|\son[a-z]+=|@import|(?:href|src)="(?!#)(?:[a-z]+:|\/)/i);
      assert.match(page, /[^\n]\n$/);
    }
    const link = /href="([^"]*)"/.exec(indexPage(listing([summed(1, { run: 'a b/"c?#' })])))![1]!;
    assert.equal(link, 'a%20b%2F%22c%3F%23/report.html');
    assert.doesNotMatch(indexPage(listingOf([{ summary: summed(1), folder: 'x', hasPage: false, problems: [] }], [], {})), /href=/);
  });

  it('lets no text become an element, move the cursor or leave its cell', () => {
    const shape = (page: string): string => [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""')).join('\n');
    const plain = pages([full('plain')]).map(shape);
    for (const hostile of hostileTexts.filter((text) => text !== '' && text.isWellFormed())) {
      assert.deepEqual(pages([full(hostile)]).map(shape), plain);
      // oxlint-disable-next-line no-control-regex -- control characters are what this is about
      for (const text of texts([full(hostile)])) assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
      const rows = comparisonMarkdown(compareRuns([{ name: hostile, runs: [full(hostile)] }])).split('\n').filter((line) => line.startsWith('| '));
      assert.equal(new Set(rows.map((line) => line.split('|').length)).size, 1);
    }
  });
});
