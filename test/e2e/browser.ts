import { chromium, type Browser } from 'playwright-core';

/** The system's Chromium, without a window and with nothing of its own to ask the network for. */
export function launchBrowser(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--disable-component-update', '--no-first-run'];
  return chromium.launch({ executablePath: '/usr/bin/chromium', args });
}
