import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectExit, root } from './firedrill.ts';

const good = readFileSync(join(root, 'scenarios/catalogue/etcd-member-loss.yaml'), 'utf8');
const canary = 'what-lies-outside-4711';

/** What somebody may hand over as a drill or an environment: each is refused by the real command line in words, with exit code 2. */
describe('a hostile file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-hostile-'));
    mkdirSync(join(folder, 'project'));
    writeFileSync(join(folder, 'outside'), `${canary}\n`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** @returns the path of a file in the project */
  const file = (make: (path: string) => void): string => {
    const path = join(folder, 'project', 'file.yaml');
    make(path);
    return path;
  };
  const text = (content: string) => (path: string): void => writeFileSync(path, content);

  const anyFile: [what: string, make: (path: string) => void, says: RegExp][] = [
    ['a pipe that nobody writes to', (path) => void execFileSync('mkfifo', [path]), /is a pipe or a device; give a file/],
    ['a device that never ends', (path) => symlinkSync('/dev/zero', path), /is a link that leads out of |is a pipe or a device; give a file/],
    ['a folder', (path) => mkdirSync(path), /is a folder; give a file/],
    ['a circle of links', (path) => symlinkSync(path, path), /ELOOP: links that go in a circle/],
    ['no text', (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00, 0x41])), /is no text in UTF-8/],
    ['nothing', text(''), /the file is empty/],
    ['a file without an end', text(`name: ${'x'.repeat(2_000_000)}\n`), /has more than \d+ bytes; give a smaller one|; give at most \d+/],
    ['levels without an end', text(`name: ${'['.repeat(5_000)}`), /nested too deeply here; give at most \d+ levels/],
    ['a bomb of aliases', text(`a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c]\nname: *d\n`), /alias/i],
    ['a key of JavaScript', text(`name: x\n__proto__: { protected: false }\n`), /__proto__/],
    ['code', text('name: !!js/function "function () { process.exit(0) }"\n'), /!!js\/function|tag/i],
    ['text that turns itself around', text(`name: x\u202egnp.\n`), /has a character here that nobody sees, U\+202E; remove it/],
    ['a key twice', text('name: a\nname: b\n'), /name.*(twice|again|unique)|unique/i],
  ];
  for (const [what, make, says] of anyFile) {
    it(`that is ${what} is refused as a drill and as an environment`, async () => {
      const path = file(make);
      for (const args of [['validate', path], ['plan', 'etcd-member-loss', '--env', path]]) {
        const { stdout, stderr } = await expectExit(2, ...args);
        assert.match(stderr, says, args.join(' '));
        assert.doesNotMatch(stdout + stderr, /^\s+at /m, 'a stack is for us, not for users');
        assert.ok(stderr.length < 10_000, stderr.slice(0, 10_000));
      }
    });
  }

  it('that leads out of the project shows nothing of what lies there', async () => {
    const path = file((link) => symlinkSync(join(folder, 'outside'), link));
    const { stderr } = await expectExit(2, 'validate', path);
    assert.match(stderr, /is a link that leads out of \S*project; give the file itself/);
    assert.ok(!stderr.includes(canary));
  });

  it('that names a command, a path or markup in its texts has them printed as they are, and nothing acts', async () => {
    const touched = join(folder, 'touched');
    const evil = `$(touch ${touched}) \`touch ${touched}\` ; touch ${touched} <img src=x onerror=alert(1)> ../../../etc/passwd`;
    const path = file(text(good.replace(/^title: .*/m, `title: ${JSON.stringify(evil)}`)));
    const { stdout } = await expectExit(0, 'validate', path);
    assert.ok(stdout.includes(evil), stdout);
    assert.throws(() => readFileSync(touched), { code: 'ENOENT' });
  });

  it('that writes to the terminal by its texts is refused', async () => {
    const path = file(text(good.replace(/^title: .*/m, 'title: "\\e]0;owned\\a\\e[2J"')));
    const { stdout, stderr } = await expectExit(2, 'validate', path);
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0008\u001b\u202e]/);
  });
});
