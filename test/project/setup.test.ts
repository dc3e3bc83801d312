import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const labCommands = ['etcd', 'nft', 'ip', 'unshare', 'nsenter'];
const testCommands = ['etcdctl', 'chromium', 'prometheus', 'aws', 'kubectl'];

/** A checkout with the set-up script alone, on a machine that has the commands we give it and no others. */
interface Machine {
  setUp(purpose?: string): { status: number | null; said: string };
  /** Puts a shell script on the machine's PATH. */
  has(command: string, script?: string): void;
  /** Calls of the fake commands so far, one line each. */
  calls(): string[];
  /** As after a pull that brought a new lock file. */
  makePackagesOlder(): void;
  checkout: string;
}

describe('the set-up script', () => {
  let machine: Machine;
  beforeEach(() => {
    machine = makeMachine();
  });
  afterEach(() => rmSync(machine.checkout, { recursive: true }));

  it('says and does nothing when nothing is missing', () => {
    [...labCommands, ...testCommands].forEach((command) => machine.has(command));
    assert.deepEqual(machine.setUp(), { status: 0, said: '' });
    assert.deepEqual(machine.setUp('test'), { status: 0, said: '' });
    assert.deepEqual(machine.calls(), []);
  });

  it('tells an ordinary user in two lines what to install, on Debian, Fedora and macOS', () => {
    machine.has('id', 'echo 1000');
    machine.has('apt-get');
    const { status, said } = machine.setUp();
    assert.equal(status, 1);
    const lines = said.trimEnd().split('\n');
    assert.equal(lines.length, 2, said);
    assert.match(lines[0]!, /missing:.* etcd.*Debian, Ubuntu: sudo apt-get install .*etcd-server.*util-linux/);
    assert.match(lines[1]!, /Fedora: sudo dnf install .*etcd.*util-linux.*macOS: the lab needs a Linux container: docker run .*npm start/);
    assert.deepEqual(machine.calls(), []);
  });

  it('tells root the same where there is no apt', () => {
    machine.has('id', 'echo 0');
    const { status, said } = machine.setUp('test');
    assert.equal(status, 1);
    assert.match(said, /missing:.* etcd.* chromium prometheus aws kubectl\. Debian.*chromium prometheus awscli kubernetes-client\n.*npm test\n$/);
  });

  it('installs as root with apt what is missing, and only that', () => {
    machine.has('id', 'echo 0');
    labCommands.filter((command) => command !== 'etcd').forEach((command) => machine.has(command));
    machine.has('apt-get', installs('etcd'));
    const { status, said } = machine.setUp();
    assert.equal(status, 0, said);
    assert.equal(said, 'setup: installing system packages: etcd-server\n');
    assert.equal(machine.calls().length, 1);
    assert.match(machine.calls()[0]!, /^apt-get .*install -y .*--no-install-recommends etcd-server$/);
  });

  it('fetches the package lists when the ones at hand are too old', () => {
    machine.has('id', 'echo 0');
    labCommands.filter((command) => command !== 'etcd').forEach((command) => machine.has(command));
    machine.has('apt-get', `case "$*" in update*) touch updated ;; *) [ -f updated ] || exit 100; ${installs('etcd')} ;; esac`);
    assert.equal(machine.setUp().status, 0);
    assert.deepEqual(
      machine.calls().map((call) => /install|update/.exec(call)![0]),
      ['install', 'update', 'install'],
    );
  });

  it('shows what apt said when it fails', () => {
    machine.has('id', 'echo 0');
    machine.has('apt-get', 'echo "E: the disk is full" >&2; exit 100');
    const { status, said } = machine.setUp();
    assert.equal(status, 1);
    assert.match(said, /apt-get update failed:\nE: the disk is full/);
  });

  it('installs npm packages when the lock file is newer than they are', () => {
    labCommands.forEach((command) => machine.has(command));
    machine.has('npm', 'touch node_modules/.package-lock.json');
    machine.makePackagesOlder();
    assert.equal(machine.setUp().status, 0);
    assert.deepEqual(machine.calls().map((call) => call.split(' ').slice(0, 2).join(' ')), ['npm ci']);
    assert.deepEqual(machine.setUp(), { status: 0, said: '' });
  });

  it('installs npm packages when an install was cut short', () => {
    labCommands.forEach((command) => machine.has(command));
    machine.has('npm', 'echo "no network" >&2; exit 1');
    rmSync(join(machine.checkout, 'node_modules/.package-lock.json'));
    const { status, said } = machine.setUp();
    assert.equal(status, 1);
    assert.match(said, /npm ci failed:\nno network/);
  });
});

/** A fake install: the command is there afterwards. */
function installs(command: string): string {
  return `printf '#!/bin/sh\\n' >bin/${command}; chmod +x bin/${command}`;
}

function makeMachine(): Machine {
  const checkout = mkdtempSync(join(tmpdir(), 'firedrill-setup-'));
  const bin = join(checkout, 'bin');
  const callsFile = join(checkout, 'calls');
  for (const folder of ['bin', 'scripts', 'node_modules/.bin']) mkdirSync(join(checkout, folder), { recursive: true });
  copyFileSync(join(root, 'scripts/setup.sh'), join(checkout, 'scripts/setup.sh'));
  writeFileSync(join(checkout, 'package-lock.json'), '{}');
  writeFileSync(join(checkout, 'node_modules/.package-lock.json'), '{}');
  symlinkSync(process.execPath, join(checkout, 'node_modules/.bin/node'));
  for (const tool of ['cat', 'chmod', 'dirname', 'find', 'mktemp', 'rm', 'tail', 'touch']) {
    const path = ['/usr/bin', '/bin'].map((folder) => join(folder, tool)).find((candidate) => existsSync(candidate));
    symlinkSync(path!, join(bin, tool));
  }
  const has = (command: string, script = ''): void => {
    const record = ['id', 'systemctl'].includes(command) ? '' : `echo "${command} $*" >>'${callsFile}'\n`;
    writeFileSync(join(bin, command), `#!/bin/sh\n${record}${script}\n`);
    chmodSync(join(bin, command), 0o755);
  };
  // Where the tests run as root with systemd, the script talks to it: not to the real one.
  has('systemctl');
  return {
    checkout,
    has,
    setUp(purpose) {
      const args = ['scripts/setup.sh', ...(purpose === undefined ? [] : [purpose])];
      const { status, stdout, stderr } = spawnSync('/bin/sh', args, { cwd: checkout, env: { PATH: bin }, encoding: 'utf8' });
      return { status, said: stdout + stderr };
    },
    calls: () => (existsSync(callsFile) ? readFileSync(callsFile, 'utf8').trimEnd().split('\n') : []),
    makePackagesOlder: () => utimesSync(join(checkout, 'node_modules/.package-lock.json'), 1, 1),
  };
}
