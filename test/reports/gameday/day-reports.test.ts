import assert from 'node:assert/strict';
import { dayHtml } from '../../../reports/gameday/html.ts';
import { dayMarkdown } from '../../../reports/gameday/markdown.ts';
import { keptFrom } from '../../../reports/words/day.ts';
import { judgeDay } from '../../../runner/gameday/judge-day.ts';
import { hostileTexts } from '../any-run.ts';
import { DayBuilder, sampleDay } from './sample-day.ts';

const killed = judgeDay(sampleDay());
const formats = { html: dayHtml, markdown: (day: typeof killed) => dayMarkdown(day) };

describe('the report of a game day', () => {
  for (const [name, render] of Object.entries(formats)) {
    describe(`as ${name}`, () => {
      it('has each drill with its verdict, its headline and a link to its own report', () => {
        const text = render(killed);
        assert.match(text, /held[\s\S]*Held: writes were away for 1\.24/);
        assert.match(text, /broken[\s\S]*etcd would lose its quorum/);
        assert.match(text, /\.\.\/20261124T100100Z-one-0001\/report\.html/);
        assert.match(text, /\.\.\/20261124T100310Z-two-0002\/report\.html/);
        assert.match(text, /pick 1 of four/);
      });

      it('has the verdict table of each drill that was run', () => {
        assert.equal(render(killed).match(/longest outage at most 5/g)?.length, 2);
      });

      it('has the timeline: who said what, the first fault, notes with the t of their drill', () => {
        const text = render(killed).replaceAll(/<[^>]*>/g, ' ').replaceAll(/ +/g, ' ');
        assert.match(text, /10:00:20 ?\s*Kim: go/);
        assert.match(text, /10:00:25\s*Sam: go: all green/);
        assert.match(text, /10:01:35 \(t\+5\.000 s\)\s*note: the graphs dip/);
        assert.match(text, /a pause of 15m began/);
      });

      it('of a day that was killed says so, and that something may still be broken', () => {
        const text = render(killed);
        assert.match(text, /The day did not end: it was killed, or is still going on/);
        assert.match(text, /Something may still be broken/);
        assert.match(text, /firedrill recover 20261124T100501Z-four-0004/);
        assert.match(text, /(?:Exit code |exit code <b>)1/);
      });

      it('leaves findings and action items blank', () => {
        assert.match(render(killed), /Findings[\s\S]*Action items[\s\S]*what[\s\S]*who[\s\S]*by when/);
      });

      it('copes with a day that was killed as it began, ends in one newline, and is the same for the same journal', () => {
        const begun = judgeDay(DayBuilder.begun().entries);
        assert.match(render(begun), /[^\n]\n$/);
        assert.doesNotMatch(render(begun), /undefined|NaN|\[object/);
        assert.equal(render(killed), render(judgeDay(sampleDay())));
        for (let length = 1; length <= sampleDay().length; length++) assert.doesNotMatch(render(judgeDay(sampleDay().slice(0, length))), /undefined|NaN|\[object/);
      });

      for (const hostile of hostileTexts) {
        it(`shows no unseen or reordering character of ${JSON.stringify(hostile)}`, () => {
          const text = render(judgeDay(sampleDay(hostile)));
          // oxlint-disable-next-line no-control-regex -- control characters are what this is about
          assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
        });
      }
    });
  }

  it('as HTML has no script, no inline style and nothing to load, and links only beside its own folder', () => {
    const page = dayHtml(killed);
    assert.match(page, /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/);
    assert.doesNotMatch(page, /<script|<link|<img|<iframe|<object|\sstyle=|\son[a-z]+=|src=|href="(?!\.\.\/[\w-]+\/report\.html")|@import|url\((?!#)/i);
  });

  it('as HTML lets no text become an element or leave its attribute', () => {
    const shape = (text: string): string => [...dayHtml(judgeDay(sampleDay(text))).matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""')).join('\n');
    // The announcement has a row for each line.
    const expected = shape('two words').replaceAll('<span class="">\n</span>\n', '');
    for (const hostile of hostileTexts.filter((text) => text !== '')) assert.equal(shape(hostile).replaceAll('<span class="">\n</span>\n', ''), expected);
  });

  it('as Markdown lets no text out of its cell or into HTML', () => {
    for (const hostile of hostileTexts) {
      const markdown = dayMarkdown(judgeDay(sampleDay(hostile))).replaceAll(/^(`{3,})\w+\n[\s\S]*?\n\1$/gm, '').replaceAll(keptFrom, '');
      assert.doesNotMatch(markdown, /<(?!\/?(?:details|summary|code)>)[a-z/!]/i);
      const columns = new Set(markdown.split('\n').filter((line) => line.startsWith('| ')).map((row) => row.split('|').length));
      assert.deepEqual([...columns].sort((a, b) => a - b), [5, 8]);
      assert.doesNotMatch(markdown, /^- and a list|^# a heading|(?<!\\)!\[|@everyone/m);
    }
  });

  it('as Markdown keeps what people have written, when it is made again', () => {
    const written = '\n## Findings\n\n1. The alarm came late.\n';
    const text = dayMarkdown(killed, written);
    assert.ok(text.endsWith(`${keptFrom}\n${written}`));
    assert.equal(text.match(/## Findings/g)?.length, 1);
  });
});
