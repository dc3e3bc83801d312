import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { livePage, root, startFiredrill, type Running } from './firedrill.ts';

const journal = join(root, 'test/journals/node-loss.ndjson');
const run = '20260101T000000Z-node-loss-0000';
const scrollsSideways = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';

describe('firedrill watch --serve in a real browser', function () {
  this.timeout(300_000);
  let folder: string;
  let browser: Browser;
  let watching: Running;
  let appending: ChildProcess;
  let url: string;
  let token: string;
  const complaints: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-watch-'));
    mkdirSync(join(folder, run));
    const path = join(folder, run, 'journal.ndjson');
    writeFileSync(path, '');
    watching = startFiredrill(['watch', '--out', folder, '--serve', '0']);
    ({ url, token } = (await watching.says(livePage)).groups as { url: string; token: string });
    appending = spawn(process.execPath, [join(import.meta.dirname, 'appending-run.ts'), journal, path, '20'], { stdio: ['pipe', 'pipe', 'inherit'] });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    appending?.kill();
    watching?.child.kill('SIGTERM');
    assert.equal((await watching?.ended)?.code, 0);
    rmSync(folder, { recursive: true });
  });

  const open = async (): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    return page;
  };

  it('follows a run as it happens: phase, what is broken, objectives and growing charts; and its stop button wants the token', async () => {
    const page = await open();
    await once(appending.stdout!, 'data');
    const word = page.locator('#word');
    await page.locator('.hits em').first().waitFor({ timeout: 60_000 });
    await page.locator('.lanes').waitFor({ timeout: 60_000 });
    assert.match(await word.innerText(), /^(breaking|recovering)$/);
    assert.match(await page.locator('#time').innerText(), /^\d+:\d\d$/);
    assert.equal(await page.locator('#since').innerText(), 'since the first fault');
    assert.ok((await page.locator('.standing').count()) > 0);
    const drawn = await page.locator('#charts svg').count();
    assert.ok(drawn > 5);
    const fontPx = await page.evaluate<number>("Number.parseFloat(getComputedStyle(document.getElementById('word')).fontSize)");
    assert.ok(fontPx >= 96, `the phase is ${fontPx} px high`);
    const shots = process.env['FIREDRILL_SCREENSHOTS'];
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 900 });
      assert.equal(await page.evaluate(scrollsSideways), false, `${width} px`);
      for (const colorScheme of shots === undefined ? [] : (['light', 'dark'] as const)) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(shots!, `watch-${width}-${colorScheme}.png`), fullPage: true });
      }
    }

    assert.deepEqual(complaints, []);
    await page.getByLabel('token from the terminal').fill('not-the-token');
    await page.getByRole('button', { name: 'Stop and undo' }).click();
    await page.getByText('not asked: that is not the token').waitFor();
    // Chromium itself says of an answer of 401 that it is one.
    assert.match(complaints.splice(0).join('\n'), /^console error: Failed to load resource: .* 401 \(Unauthorized\)$/);
    await page.getByLabel('token from the terminal').fill(token);
    await page.getByRole('button', { name: 'Stop and undo' }).click();
    // Nobody holds a lock for it: this run is a file that grows.
    await page.getByText(/run \S+ is not under way here/).waitFor({ timeout: 60_000 });

    appending.stdin!.write('\n');
    await word.filter({ hasText: 'ended' }).waitFor({ timeout: 60_000 });
    assert.equal(await page.locator('#lost').isVisible(), false);
    assert.equal(await page.getByRole('button', { name: 'Stop and undo' }).isDisabled(), true);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('follows on a terminal as well, to the end, and tells the verdict', async () => {
    const { code, stdout } = await startFiredrill(['watch', run, '--out', folder]).ended;
    assert.equal(code, 0);
    assert.match(stdout, /phase: inject\n/);
    assert.match(stdout, /ended \(finished\): /);
    assert.match(stdout, /Lose /);
  });
});
