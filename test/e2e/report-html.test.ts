import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import html from '../../reports/html.ts';
import { hostileTexts, runFullOf } from '../reports/any-run.ts';
import { sampleRuns } from '../reports/sample-runs.ts';
import { launchBrowser } from './browser.ts';

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

/** Opens all that is folded. */
const unfold = (page: Page): Promise<unknown> => page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");

const pages: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(sampleRuns).map(([name, run]) => [name, html.render(run)])),
  ...Object.fromEntries(hostileTexts.map((text) => [`full of ${JSON.stringify(text)}`, html.render(runFullOf(text))])),
  'long names': html.render(runFullOf('a-very-long-name-without-a-place-to-break-'.repeat(12))),
};

/** The instant of the crosshair, in seconds since the first fault. */
async function pointedAtSeconds(page: Page): Promise<number> {
  const named = await page.locator('#readout-instant').textContent();
  return Number(named!.replace('−', '-').replace(/^t/, '').replace(' s', ''));
}

describe('the HTML report in a real browser', function () {
  this.timeout(120_000);
  let browser: Browser;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-report-'));
    await Promise.all(Object.keys(pages).map((name) => writeFile(fileOf(name), pages[name]!)));
    browser = await launchBrowser();
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
  async function opened(name: string, width: number, colorScheme: 'light' | 'dark', { hash = '', javaScriptEnabled = true } = {}): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled });
    const complaints: string[] = [];
    const address = pathToFileURL(fileOf(name)).href;
    page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== address + hash && request.url() !== address) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(address + hash);
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

  it('has nothing serious that axe-core finds, light and dark, with everything unfolded', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    for (const [name, scheme] of [['held', 'light'], ['held', 'dark'], ['requests', 'light'], ['requests', 'dark'], ['aborted', 'dark']] as const) {
      const { page } = await opened(name, 1440, scheme);
      await unfold(page);
      await page.keyboard.press('ArrowRight');
      await page.evaluate(axe);
      const found = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).slice(0, 3).join(' ')))`);
      assert.deepEqual(found, [], `${name}, ${scheme}`);
      await page.close();
    }
  });

  it('moves the crosshair by keys, and names the instant and what is said there', async () => {
    const { page } = await opened('held', 1440, 'light', { hash: '#t=1.1' });
    assert.equal(await page.locator('#readout-instant').textContent(), 't+1.100 s');
    assert.equal(await page.locator('#readout-utc').textContent(), '10:21:39.612 UTC');
    assert.match(await page.locator('#readout-values').innerText(), /writes\s+bad: etcdserver: request timed out\s[^]*members\s+peer-0, .*: good · peer-1, .*: bad: connection refused/);
    await page.keyboard.press('ArrowRight');
    const near = await pointedAtSeconds(page);
    assert.ok(near > 1.1 && near < 1.2, String(near));
    await page.keyboard.press('Shift+ArrowLeft');
    assert.ok((await pointedAtSeconds(page)) < 1);
    assert.match((await page.locator('#spoken').textContent())!, /^t\+0\.\d{3} s, 10:21:39\.\d{3} UTC\. phase /);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#readout').isVisible(), false);
    await page.close();
  });

  it('zooms by keys, buttons and dragging, and back to the whole run', async () => {
    const { page, complaints } = await opened('held', 1440, 'light');
    const shown = async (): Promise<string> => (await page.locator('#shown').textContent())!;
    const whole = await shown();
    assert.match(whole, /^the whole run, /);
    await page.keyboard.press('+');
    assert.match(await shown(), /^t\+?.* to t\+/);
    await page.keyboard.press('0');
    assert.equal(await shown(), whole);
    await page.getByRole('button', { name: 'zoom in' }).click();
    assert.notEqual(await shown(), whole);
    await page.getByRole('button', { name: 'whole run' }).click();
    assert.equal(await shown(), whole);
    await page.locator('#timeline').scrollIntoViewIfNeeded();
    const box = (await page.locator('.view-0 .lane-chart').nth(1).boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.2, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.3, box.y + 10, { steps: 3 });
    await page.mouse.up();
    assert.match(await shown(), /^t−0\.5\d+ s to t\+1\.8\d+ s, 2\.3\d s$/);
    // The block of the outage of writes is as wide on the screen as it lasted.
    const outage = (await page.locator('.view:visible svg[aria-label^="writes: "] rect.bad').first().boundingBox())!;
    assert.ok(Math.abs(outage.width / box.width - 1.242 / 2.345) < 0.02, `${outage.width} of ${box.width}`);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('comes to an instant that a link names, and makes a click the page’s address', async () => {
    const { page } = await opened('held', 1440, 'light', { hash: '#t=4.9' });
    assert.ok(((await page.locator('#timeline').boundingBox())!.y) < 100);
    assert.match((await page.locator('#shown').textContent())!, /^t\+2\.\d+ s to t\+6\.\d+ s/);
    const line = (await page.locator('.lanes .crosshair:visible').boundingBox())!;
    const chart = (await page.locator('.view:visible .lane-chart').nth(1).boundingBox())!;
    assert.ok(Math.abs(line.x - (chart.x + chart.width / 2)) < 3, `${line.x}`);
    await page.mouse.click(chart.x + chart.width * 0.25, chart.y + 10);
    assert.match(await page.evaluate<string>('location.hash'), /^#t=3\.\d+$/);
    await page.close();
  });

  it('has one crosshair for the charts and the waterfalls', async () => {
    const { page, complaints } = await opened('held', 1440, 'light', { hash: '#t=3' });
    const lines = page.locator('.recoveries .crosshair:visible');
    const tables = page.locator('.recovery');
    assert.equal(await lines.count(), await tables.count());
    const scale = (await page.locator('.recovery thead svg').first().boundingBox())!;
    const [fromMs, toMs] = (await Promise.all(['from', 'to'].map((end) => tables.first().getAttribute(`data-${end}`)))).map(Number) as [number, number];
    const place = (ms: number): number => scale.x + ((ms - fromMs) / (toMs - fromMs)) * scale.width;
    assert.ok(Math.abs((await lines.first().boundingBox())!.x - place(3_000)) < 3);
    await page.locator('.recovery').first().scrollIntoViewIfNeeded();
    const row = (await page.locator('.recovery tbody td.chart').first().boundingBox())!;
    const now = (await page.locator('.recovery thead svg').first().boundingBox())!;
    await page.mouse.move(now.x + now.width * 0.5, row.y + 5);
    const instant = (await pointedAtSeconds(page)) * 1_000;
    assert.ok(Math.abs(instant - (fromMs + toMs) / 2) < (toMs - fromMs) / 100, `${instant}`);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('finds events, by key and by kind, and leads from one to its instant', async () => {
    const { page } = await opened('held', 1440, 'light');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate('document.activeElement.id'), 'search');
    const rows = page.locator('#event-list tbody tr:visible');
    const all = await rows.count();
    await page.keyboard.type('INJECTED zone');
    assert.ok((await rows.count()) > 0 && (await rows.count()) < all);
    assert.match(await rows.last().innerText(), /zone injected: instance-terminate on peer-1/);
    assert.match((await page.locator('#found').textContent())!, new RegExp(`^\\d of ${all}$`));
    await page.keyboard.press('Escape');
    await page.locator('#event-kind').selectOption('outage');
    assert.ok((await page.locator('#event-list tbody tr:visible td:nth-child(3)').allTextContents()).every((kind) => kind === 'outage'));
    await page.locator('#event-list tbody tr:visible a').first().click();
    assert.equal(await page.locator('.lanes .crosshair:visible').count(), 1);
    await page.close();
  });

  it('shows its keys, and has single keys switched off there', async () => {
    const { page } = await opened('held', 768, 'dark');
    await page.keyboard.press('?');
    assert.equal(await page.getByRole('dialog', { name: 'Keys' }).isVisible(), true);
    await page.getByLabel('keys of a single sign are on').uncheck();
    await page.keyboard.press('Escape');
    const before = await page.locator('#shown').textContent();
    await page.keyboard.press('+');
    assert.equal(await page.locator('#shown').textContent(), before);
    await page.close();
  });

  it('opens the details of a target that a link names', async () => {
    const { page } = await opened('held', 1440, 'light', { hash: '#target-peer-4' });
    const target = page.locator('#target-peer-4');
    assert.equal(await target.getByRole('table', { name: '' }).nth(1).isVisible(), true);
    assert.match(await target.innerText(), /not before\s+not after/);
    await page.close();
  });

  it('can be read without its script: charts, tables, events and targets, and no button that does nothing', async () => {
    const { page, complaints } = await opened('held', 1440, 'light', { javaScriptEnabled: false });
    assert.equal(await page.locator('button:visible, #search:visible, #readout:visible').count(), 0);
    assert.ok((await page.locator('.lane-chart:visible').count()) > 20);
    for (const summary of ['the charts as tables', 'details of peer-1', /^\d+ events/]) {
      const details = page.locator('details').filter({ has: page.getByText(summary) }).first();
      await details.locator('summary').first().click();
      assert.ok((await details.getByRole('row').count()) > 5, String(summary));
      assert.ok(await details.getByRole('row').nth(3).isVisible());
    }
    await page.getByText('first moments').click();
    assert.equal(await page.locator('.view-2').isVisible(), true);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('prints whole charts, and nothing that is only for a screen', async () => {
    const { page } = await opened('held', 700, 'light', { hash: '#t=1.1' });
    await page.emulateMedia({ media: 'print' });
    const cut = await page.locator('.lane-chart:visible, .recovery svg:visible').evaluateAll((charts) =>
      charts.filter((chart) => { const { left, right } = chart.getBoundingClientRect(); return left < 0 || right > 701; }).length);
    assert.equal(cut, 0);
    assert.equal(await page.locator('.tools:visible, .search:visible, .readout:visible, .crosshair:visible, dialog:visible').count(), 0);
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
