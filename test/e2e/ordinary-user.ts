import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './firedrill.ts';

/** Everybody's "nobody". */
const nobody = 65_534;

export interface OrdinaryUser {
  /** Its working folder. */
  readonly folder: string;
  /** Runs the real command line to its end, which must be a good one. */
  run(...args: string[]): Promise<{ stdout: string }>;
  remove(): void;
}

/**
 * Somebody without rights: this user, or "nobody" when the tests are run by root. "nobody" may not be able to read the
 * checkout where it is (below /root, say), so in a mount namespace of its own it is shown at a place that anybody can read.
 */
export function ordinaryUser(): OrdinaryUser {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-user-'));
  const checkout = join(folder, 'checkout');
  const labs = join(folder, 'labs');
  mkdirSync(labs, { mode: 0o700 });
  const isRoot = process.getuid?.() === 0;
  const program = ['node_modules/.bin/node', '--disable-warning=ExperimentalWarning', 'cli/main.js'];
  const env = { ...process.env, HOME: folder, FIREDRILL_RUNTIME_DIR: labs };
  if (isRoot) {
    mkdirSync(checkout);
    chmodSync(folder, 0o755);
    for (const path of [folder, labs]) chownSync(path, nobody, nobody);
  }

  return {
    folder,
    async run(...args) {
      const [node, flag, main] = program.map((part) => (part.startsWith('-') ? part : join(isRoot ? checkout : root, part)));
      const command = [node!, flag!, main!, ...args];
      const become = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--', ...command];
      const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
      const all = isRoot ? ['unshare', '--mount', 'sh', '-c', script, 'sh', root, checkout, ...become] : command;
      const { status, stdout, stderr } = spawnSync(all[0]!, all.slice(1), { cwd: folder, env, encoding: 'utf8' });
      assert.equal(status, 0, `firedrill ${args.join(' ')}\n${stdout}\n${stderr}`);
      return { stdout };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
