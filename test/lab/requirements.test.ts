import assert from 'node:assert/strict';
import { LabError } from '../../lab/errors.ts';
import { checkRequirements, type System } from '../../lab/host/requirements.ts';

describe('what a lab needs of the system', () => {
  const good: System = { platform: 'linux', has: () => true, tryNamespaces: () => undefined, setting: () => undefined };
  const messageOn = (system: Partial<System>): string => {
    try {
      checkRequirements({ ...good, ...system });
    } catch (error) {
      assert.ok(error instanceof LabError);
      assert.equal(error.exitCode, 2);
      return error.message;
    }
    return 'nothing to complain of';
  };

  it('is content with a Linux that has everything', () => {
    assert.equal(messageOn({}), 'nothing to complain of');
  });

  it('names the packages of what is missing, on Debian and on Fedora, each once', () => {
    const message = messageOn({ has: (program) => !['etcd', 'nft', 'unshare', 'nsenter'].includes(program) });
    assert.match(message, /^the lab needs etcd, nft, unshare, nsenter, not found in /);
    assert.match(message, /^on Debian and Ubuntu: apt-get install etcd-server nftables util-linux$/m);
    assert.match(message, /^on Fedora: dnf install etcd nftables util-linux$/m);
  });

  it('sends users of other systems to a Linux container', () => {
    assert.match(messageOn({ platform: 'darwin' }), /Linux namespaces, and this is darwin; run firedrill in a Linux container/);
  });

  const settings: [name: string, value: string, remedy: string][] = [
    ['kernel.unprivileged_userns_clone', '0', 'sysctl -w kernel.unprivileged_userns_clone=1'],
    ['user.max_user_namespaces', '0', 'sysctl -w user.max_user_namespaces=10000'],
    ['kernel.apparmor_restrict_unprivileged_userns', '1', 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
  ];
  for (const [name, value, remedy] of settings) {
    it(`names ${name} when it forbids namespaces`, () => {
      const message = messageOn({
        tryNamespaces: () => 'unshare: unshare failed: Operation not permitted',
        setting: (asked) => (asked === name ? value : undefined),
      });
      assert.match(message, /may not make the namespaces that a lab is made of: unshare: unshare failed: Operation not permitted/);
      assert.ok(message.endsWith(`${name} is ${value} here; as root: ${remedy}`), message);
    });
  }

  it('names all that may be the reason when no setting forbids it', () => {
    const message = messageOn({ tryNamespaces: () => 'no' });
    for (const [name] of settings) assert.ok(message.includes(name), name);
    assert.match(message, /a container has to be started with --privileged/);
  });
});
