import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { loadFormats } from '../../reports/format.ts';
import type { Style } from '../../reports/format.ts';
import type { JudgedRun } from '../../runner/verdict.ts';
import { hostileTexts, runFullOf } from './any-run.ts';
import { abortedRun, brokenRun, heldRun, requestsRun, sampleRuns, unfinishedRun } from './sample-runs.ts';

const formats = await loadFormats();
const render = (format: string, run: JudgedRun, style?: Style): string => formats[format]!.render(run, style);

describe('reports of the sample runs', () => {
  for (const [format, { extension }] of Object.entries(formats)) {
    for (const [name, run] of Object.entries(sampleRuns)) {
      it(`are as before: ${name} as ${format} (UPDATE_GOLDEN=1 writes them anew)`, async () => {
        const file = new URL(`./golden/${name}.${extension ?? 'txt'}`, import.meta.url);
        const text = render(format, run);
        if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(file, text);
        assert.equal(text, await readFile(file, 'utf8'));
      });
    }
  }
});

describe('the JSON report', () => {
  it('reads back as the judged run, with null for what has no end', () => {
    const read = JSON.parse(render('json', brokenRun));
    assert.deepEqual(read, JSON.parse(JSON.stringify(brokenRun)));
    assert.equal(read.schemaVersion, 1);
    const groups = read.probes.find((probe: { name: string }) => probe.name === 'groups');
    assert.equal(groups.streams[0].outages[0].length.max, null);
  });

  it('reads back to the same texts, however hostile', () => {
    for (const hostile of hostileTexts) {
      assert.equal(JSON.parse(render('json', runFullOf(hostile))).run.title, hostile);
    }
  });
});

describe('the Markdown report', () => {
  it('lets no text out of its cell or into HTML', () => {
    for (const hostile of hostileTexts) {
      const [markdown, command] = render('markdown', runFullOf(hostile)).split('## Run it again\n\n') as [string, string];
      assert.doesNotMatch(markdown, /<(?!\/?(?:details|summary|code)>)[a-z/!]/i);
      const rows = markdown.split('\n').filter((line) => line.startsWith('| '));
      const columns = new Set(rows.map((row) => row.split('|').length));
      assert.deepEqual([...columns].sort((left, right) => left - right), [7, 8, 9]);
      assert.doesNotMatch(markdown, /^- and a list|^# a heading|(?<!\\)!\[|@everyone/m);
      assert.match(command, /^(`{3,})sh\n.*\n\1\n$/);
    }
  });

  it('mentions nobody and links to nothing, and is read as it was meant', () => {
    const markdown = render('markdown', runFullOf('a|b @me http://x #1'));
    assert.match(markdown, /a&#124;b <code>@<\/code>me http&#58;\/\/x \\#1/);
    assert.doesNotMatch(markdown, /&\\#/);
  });

  it('stays below what a comment may hold, however long the run', () => {
    const many = <T>(items: readonly T[]): T[] => Array.from({ length: 400 }, (_, index) => items[index % items.length]!);
    const long = 'x<|'.repeat(500);
    const huge: JudgedRun = {
      ...runFullOf(long), slos: many(runFullOf(long).slos), faults: many(runFullOf(long).faults), waterfall: many(runFullOf(long).waterfall),
      notes: many(runFullOf(long).notes),
    };
    const plain: JudgedRun = {
      ...heldRun, slos: many(heldRun.slos), faults: many(abortedRun.faults), waterfall: many(heldRun.waterfall), notes: many(heldRun.notes),
    };
    const mentions = runFullOf('@'.repeat(500));
    const worst: JudgedRun = {
      ...mentions, slos: many(mentions.slos), faults: many(runFullOf('@'.repeat(500), abortedRun).faults), waterfall: many(mentions.waterfall), notes: many(mentions.notes),
      loads: many(runFullOf('@'.repeat(500), requestsRun).loads!), changes: many(runFullOf('@'.repeat(500), abortedRun).changes!), probes: many(runFullOf('@'.repeat(500), requestsRun).probes),
    };
    assert.match(render('markdown', worst), /\n\n… and the rest, which is too long for here, in report\.json\.\n\n## Run it again\n/);
    for (const run of [huge, plain, worst]) {
      const markdown = render('markdown', run);
      assert.ok(Buffer.byteLength(markdown) < 60_000, `${Buffer.byteLength(markdown)} bytes`);
    }
    assert.match(render('markdown', plain), /… and \d+ more rows, in report.json/);
    assert.match(render('markdown', plain), /## Run it again\n\n```sh\nfiredrill run/);
  });
});

describe('the text on the terminal', () => {
  it('ends with the verdict table and the verdict', () => {
    const lines = render('text', heldRun).trimEnd().split('\n');
    assert.match(lines.at(-1)!, /^✓ HELD .* \(exit 0\)$/);
    assert.match(lines.at(-3)!, /✓ held\s+every group is whole again/);
  });

  it('tells the requests of each stream and each load in a line, and where they are sent from', () => {
    const lines = render('text', requestsRun).split('\n').filter((line) => /^ {2}(pay|load shop)/.test(line));
    assert.match(lines[0]!, /^ {2}pay +outside the platform +50\/s +4\.7 ms \/ 158 ms \/ 339 ms +187 of 1340: 65 × refused, .*, 12 × reset; 19 not sent, or not heard$/);
    assert.match(lines[1]!, /^ {2}load shop\/read +– +20\/s +18 ms \/ 114 ms \/ 146 ms +18 of 540: 18 × timeout$/);
    assert.match(render('markdown', requestsRun), /\n\| pay \| outside the platform \| 50\/s \| 4\.7 ms \/ 158 ms \/ 339 ms \| 187 of 1340: /);
  });

  it('is as wide with colours as without', () => {
    const colour = (code: number) => (text: string): string => `\u001b[${code}m${text}\u001b[0m`;
    const style = { held: colour(32), broken: colour(31), inconclusive: colour(33), strong: colour(1), faint: colour(2) };
    for (const run of Object.values(sampleRuns)) {
      // oxlint-disable-next-line no-control-regex -- the colours are control characters
      assert.equal(render('text', run, style).replaceAll(/\u001b\[\d+m/g, ''), render('text', run));
      assert.notEqual(render('text', run, style), render('text', run));
    }
  });

  it('says first thing in its verdict that something may still be broken, and what to type', () => {
    const text = render('text', abortedRun);
    assert.match(text, /Something may still be broken: cut \(zone-partition\)/);
    assert.match(text, /firedrill recover 20261123T123000Z-zone-partition-91ee/);
    assert.doesNotMatch(render('text', heldRun), /still be broken/);
  });
});

describe('the HTML report', () => {
  it('lets no text become an element or leave its attribute', () => {
    // The script is ours, and has comparisons in it.
    const tags = (page: string): string[] => [...page.replaceAll(/(<script[^>]*>)[^]*?(<\/script>)/g, '$1$2').matchAll(/<[^>]*>/g)].map((match) => match[0]);
    const shape = (page: string): string => tags(page).map((tag) => tag.replaceAll(/"[^"]*"/g, '""')).join('\n');
    for (const run of [heldRun, requestsRun]) {
      const expected = shape(render('html', runFullOf('plain', run)));
      for (const hostile of hostileTexts.filter((text) => text !== '')) assert.equal(shape(render('html', runFullOf(hostile, run))), expected);
    }
  });

  it('has one script of ours and one block of data, no inline style and nothing to load', () => {
    for (const run of Object.values(sampleRuns)) {
      const page = render('html', run);
      assert.match(page, /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/);
      assert.deepEqual(page.match(/<script[^>]*>/g), ['<script>', '<script type="application/json" id="readings">']);
      const withoutScript = page.replaceAll(/<script[^]*?<\/script>/g, '');
      assert.doesNotMatch(withoutScript, /<link|<img|<iframe|<object|\sstyle=|\son[a-z]+=|(?:href|src)="(?!#)|@import|url\((?!#)/i);
    }
  });

  it('puts what may still be broken before everything else', () => {
    for (const run of [abortedRun, unfinishedRun]) {
      const page = render('html', run);
      const alarm = page.indexOf('Something may still be broken');
      assert.ok(alarm > 0 && alarm < page.indexOf('<h1>'));
    }
    assert.doesNotMatch(render('html', heldRun), /Something may still be broken/);
  });

  it('says why a step was not seen', () => {
    assert.match(render('html', abortedRun), /not seen: none was elected before the run ended/);
  });

  it('stays small when a stream flaps and when there are very many streams', () => {
    const flapping = Array.from({ length: 50_000 }, (_, index) => ({
      fromMs: index, toMs: index + 1, value: index % 2 === 0 ? ('good' as const) : ('bad' as const), why: 'flapping',
    }));
    const probe = heldRun.probes[1]!;
    const page = render('html', {
      ...heldRun,
      probes: [
        { ...probe, streams: [{ ...probe.streams[0]!, segments: flapping }] },
        { ...probe, name: 'many', streams: Array.from({ length: 400 }, (_, index) => ({ ...probe.streams[0]!, name: `many/${index}` })) },
      ],
    });
    assert.ok(page.length < 3_000_000, `${page.length} characters`);
    assert.match(page, /and 382 more streams of many/);
  });

  it('draws no failure too small to be seen', () => {
    const [probe] = requestsRun.probes;
    const [stream] = probe!.streams;
    const quiet = stream!.requests!.slices.map((slice, index) => ({ ...slice, failed: { reset: index === 40 ? 1 : 0 }, ok: 1_000_000, unknown: 0 }));
    const page = render('html', { ...requestsRun, loads: [], probes: [{ ...probe!, streams: [{ ...stream!, requests: { ...stream!.requests!, slices: quiet } }] }] });
    assert.match(page, /<g class="failure fail-1"><title>reset<\/title><rect [^>]*height="1.5"\/><\/g>/);
  });

  it('stays small when a long drill sends very many requests, of many streams', () => {
    const [probe] = requestsRun.probes;
    const [stream] = probe!.streams;
    const noisy = Array.from({ length: 600 }, (_, index) => ({
      atMs: index * 3_000, forMs: 3_000, ok: 100, failed: { refused: index % 7, timeout: index % 5 }, unknown: 0,
      buckets: Object.fromEntries(Array.from({ length: 15 }, (_unused, row) => [Number((10 ** (row / 10)).toPrecision(3)), ((index * 7 + row * 13) % 60) + 1])),
    }));
    const streams = Array.from({ length: 40 }, (_, index) => ({ ...stream!, name: `pay/node-${index}`, requests: { ...stream!.requests!, slices: noisy } }));
    const page = render('html', { ...requestsRun, run: { ...requestsRun.run, endMs: 1_800_000 }, probes: [{ ...probe!, streams }] });
    assert.ok(page.length < 3_000_000, `${page.length} characters`);
    assert.equal(page.match(/aria-label="pay\/node-\d+ latency/g)?.length, 6 * new Set(page.match(/id="grid-\d"/g)).size);
  });
});
