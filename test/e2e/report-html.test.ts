import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import html from '../../reports/html.ts';
import { hostileTexts, runFullOf } from '../reports/any-run.ts';
import { sampleRuns } from '../reports/sample-runs.ts';

const widths = [360, 768, 1440];

// Read in the page. As text, since the types of a browser are not those of the rest of this project.
const scrollsSideways = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
const ground = 'getComputedStyle(document.documentElement).backgroundColor';
// Two frames after the observer got its buffered entries there is nothing left to come.
const layoutShift = `new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; })
    .observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum), 0)));
})`;

const pages: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(sampleRuns).map(([name, run]) => [name, html.render(run)])),
  ...Object.fromEntries(hostileTexts.map((text) => [`full of ${JSON.stringify(text)}`, html.render(runFullOf(text))])),
  'long names': html.render(runFullOf('a-very-long-name-without-a-place-to-break-'.repeat(12))),
};

describe('the HTML report in a real browser', function () {
  this.timeout(120_000);
  let browser: Browser;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-report-'));
    await Promise.all(Object.keys(pages).map((name) => writeFile(fileOf(name), pages[name]!)));
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--disable-component-update', '--no-first-run',
      ],
    });
  });

  const fileOf = (name: string): string => join(folder, `${Object.keys(pages).indexOf(name)}.html`);

  after(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  interface Opened {
    readonly page: Page;
    readonly complaints: readonly string[];
  }

  /** Opens a page and notes whatever it says on the console and whatever else than itself it asks for. */
  async function opened(name: string, width: number, colorScheme: 'light' | 'dark'): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    const address = pathToFileURL(fileOf(name)).href;
    page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== address) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(address);
    return { page, complaints };
  }

  for (const name of Object.keys(pages)) {
    it(`asks for nothing, complains of nothing and fits the window: ${name}`, async () => {
      for (const colorScheme of name in sampleRuns ? (['light', 'dark'] as const) : (['light'] as const)) {
        const { page, complaints } = await opened(name, widths[0]!, colorScheme);
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 });
          assert.equal(await page.evaluate(scrollsSideways), false, `the page can be scrolled sideways at ${width} px`);
        }
        assert.deepEqual(complaints, []);
        await page.close();
      }
    });
  }

  it('does not move while it loads', async () => {
    for (const width of widths) {
      const { page } = await opened('held', width, 'light');
      assert.equal(await page.evaluate(layoutShift), 0);
      await page.close();
    }
  });

  it('applies its style sheet, so the policy names the right hash', async () => {
    const { page } = await opened('held', 1440, 'light');
    const colour = await page.evaluate("getComputedStyle(document.querySelector('.hero')).backgroundColor");
    assert.equal(colour, 'rgb(11, 107, 93)');
    await page.close();
  });

  it('is dark where dark is wanted', async () => {
    const grounds = await Promise.all(
      (['light', 'dark'] as const).map(async (scheme) => {
        const { page } = await opened('held', 768, scheme);
        const seen = await page.evaluate(ground);
        await page.close();
        return seen;
      }),
    );
    assert.deepEqual(grounds, ['rgb(244, 245, 247)', 'rgb(13, 17, 23)']);
  });

  it('shows the verdict without scrolling, on every width', async () => {
    for (const width of widths) {
      const { page } = await opened('broken', width, 'light');
      const box = await page.getByRole('heading', { name: 'Verdict: broken' }).boundingBox();
      assert.ok(box && box.y + box.height < 900, `the verdict ends at ${box && box.y + box.height} px`);
      await page.close();
    }
  });

  it('switches to the close-ups by keyboard', async () => {
    const { page } = await opened('held', 1440, 'light');
    const shown = (): Promise<string[]> =>
      page.locator('.view').evaluateAll((views) => views.filter((view) => view.checkVisibility()).map((view) => view.className));
    assert.deepEqual(await shown(), ['view view-0']);
    await page.getByLabel('whole run').focus();
    await page.keyboard.press('ArrowRight');
    assert.deepEqual(await shown(), ['view view-1']);
    await page.close();
  });

  it('has headings, tables and charts that can be read without seeing them', async () => {
    const { page } = await opened('held', 1440, 'light');
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
    for (const title of ['Verdict: held', 'Objectives', 'What happened', 'How each target came back', 'What was broken', 'Run it again']) {
      assert.equal(await page.getByRole('heading', { name: title, exact: true }).count(), 1, title);
    }
    const unnamed = await page.locator('svg:not([aria-hidden]):not(svg svg)').evaluateAll((charts) => charts.filter((chart) => !chart.getAttribute('aria-label')).length);
    assert.equal(unnamed, 0);
    assert.ok((await page.getByRole('row', { name: /leader elected/ }).count()) > 0);
    await page.close();
  });

  it('says in words what its lanes draw', async () => {
    const { page } = await opened('held', 1440, 'light');
    const label = await page.getByRole('img', { name: /^writes: / }).first().getAttribute('aria-label');
    assert.equal(label, 'writes: 1109 good, 62 bad, 1 unknown; 2 outages, the longest 1.240 s ± 0.020 s');
    await page.close();
  });

  it('says in words what its picture of requests draws', async () => {
    const { page } = await opened('requests', 1440, 'light');
    const labelOf = (named: RegExp): Promise<string | null> => page.getByRole('img', { name: named }).first().getAttribute('aria-label');
    assert.match((await labelOf(/^pay requests: /))!, /^pay requests: 1340 due, 50 a second at most; 1191 answered, 187 failed; the fewest 0 of 10 around t\+0\.\d+ s$/);
    assert.match((await labelOf(/^pay failures: /))!, /^pay failures: 65 × refused, 12 × reset, 53 × timeout, .*; up to 100 % of the requests$/);
    assert.match((await labelOf(/^pay latency: /))!, /^pay latency: p50 usually [\d.]+ ms, .*; limit p50 ≤ 10 ms; limit p99 ≤ 250 ms; limit max ≤ 1 s$/);
    await page.close();
  });

  it('prints, in light colours and with its content', async () => {
    const { page } = await opened('held', 1440, 'dark');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    assert.equal(await page.evaluate(ground), 'rgb(255, 255, 255)');
    assert.equal(await page.evaluate(scrollsSideways), false);
    assert.match(await page.locator('body').innerText(), /firedrill run etcd-zone-plus-one/);
    const pdf = await page.pdf({ format: 'A4' });
    assert.ok(pdf.byteLength > 20_000, `${pdf.byteLength} bytes`);
    await page.close();
  });
});
