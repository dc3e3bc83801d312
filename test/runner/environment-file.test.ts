import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnvironment, readEnvironment } from '../../runner/environment-file.ts';
import { createMask, maskSecrets } from '../../runner/mask.ts';

const good = `name: staging
aws: { region: eu-west-1, accountId: '123456789012' }
etcd:
  endpoints: [ 'https://peer-1.example.com:2379' ]
  clusterId: cafe01
roles: { etcd: { role: '*.etcd3' } }
`;

const sources = (variables: Record<string, string> = {}) => ({ variables, mask: createMask() });
const parse = (text: string, variables: Record<string, string> = {}, file = 'staging.yaml') => parseEnvironment(text, file, sources(variables));

/** With these lines at the end of its etcd part. */
const withEtcd = (...lines: string[]): string => good.replace('clusterId: cafe01', () => ['clusterId: cafe01', ...lines].join('\n  '));
const refused = (says: RegExp) => (error: Error & { exitCode?: number }) => {
  assert.match(error.message, says);
  assert.equal(error.exitCode, 2);
  return true;
};

describe('an environment file', () => {
  it('is read with its defaults', async () => {
    const environment = await parse(good);
    assert.equal(environment.protected, false);
    assert.equal(environment.etcd?.prefix, 'firedrill/');
    assert.deepEqual(environment.limits, {});
  });

  const wrong: [name: string, text: string, says: RegExp][] = [
    ['an unknown key', good.replace('protected', 'x').concat('protcted: true\n'), /^staging\.yaml:7:1 protcted is not known here; .*protected/],
    ['a number for an account', good.replace("'123456789012'", '123456789012'), /^staging\.yaml:2:\d+ aws\.accountId is 123456789012; give a text: put it in quotes/],
    ['a short account', good.replace('123456789012', '1234'), /aws\.accountId is "1234"; give the twelve digits/],
    ['a wrong cluster id', good.replace('cafe01', 'xyz'), /^staging\.yaml:5:\d+ etcd\.clusterId is "xyz"; give the hexadecimal id/],
    ['an endpoint that is none', good.replace('https://peer-1.example.com:2379', 'peer-1'), /^staging\.yaml:4:\d+ etcd\.endpoints\[0\] is "peer-1"/],
    ['a missing name', good.replace('name: staging\n', ''), /^staging\.yaml:1:1 name is missing/],
    ['a user in an address', good.replace('https://peer', 'https://root:canary@peer'), /^staging\.yaml:4:\d+ etcd\.endpoints\[0\] has a user or a password in it/],
    ['nothing in it', '', /^staging\.yaml:1:1 the file is empty; give an environment/],
    ['no mapping', '- a\n', /^staging\.yaml:1:1 the environment is no mapping/],
    ['no YAML', 'name: [', /^staging\.yaml:1:\d+ /],
  ];
  for (const [name, text, says] of wrong) {
    it(`with ${name} is refused with its place`, () => assert.rejects(parse(text), refused(says)));
  }

  it('tells all its problems at once', async () => {
    const text = good.replace('cafe01', 'xyz').replace('eu-west-1,', 'eu-west-1, zone: a,');
    await assert.rejects(parse(text), (error: Error) => error.message.split('\n').length === 2);
  });

  it('has paths that begin in its own folder, or at home', async () => {
    const text = `${withEtcd('tls: { ca: certs/ca.pem, cert: /etc/client.pem, key: ~/key.pem }')}kubernetes: { kubeconfig: ../kubeconfig, context: c }\n`;
    const { etcd, kubernetes } = await parse(text, {}, '/work/environments/staging.yaml');
    assert.deepEqual(etcd?.tls, { ca: '/work/environments/certs/ca.pem', cert: '/etc/client.pem', key: join(homedir(), 'key.pem') });
    assert.equal(kubernetes?.kubeconfig, '/work/kubeconfig');
  });

  it('is written down without its secrets', async () => {
    const text = withEtcd('username: root', 'password: canary-3').replace(
      "'123456789012' }",
      "'123456789012', credentials: { accessKeyId: AKIA, secretAccessKey: canary-1, sessionToken: canary-2 } }",
    );
    const written = JSON.stringify(maskSecrets(await parse(`${text}prometheus: { url: "http://prometheus:9090", token: canary-4 }\nnotify: { webhooks: { ops: { url: 'https://x', secret: canary-5-is-long-enough } }, slack: { room: { url: 'https://x', token: canary-6 } } }\nopentelemetry: { endpoint: 'https://x', headers: { authorization: canary-7 } }\n`)));
    assert.doesNotMatch(written, /canary/);
    assert.match(written, /AKIA/);
  });
});

describe('a value of an environment file that comes from elsewhere', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-environment-'));
    await mkdir(join(folder, 'secrets', '..data'), { recursive: true });
    await writeFile(join(folder, 'secrets', '..data', 'password'), 'from-a-file\n');
    // As Kubernetes mounts a secret.
    await symlink('..data/password', join(folder, 'secrets', 'password'));
    await writeFile(join(folder, 'empty'), '\n');
    await writeFile(join(folder, 'large'), 'x'.repeat(100_000));
    await writeFile(join(folder, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
  });
  after(() => rm(folder, { recursive: true }));
  const inFolder = (text: string, variables: Record<string, string> = {}) => parse(text, variables, join(folder, 'staging.yaml'));

  it('is taken from a variable or a file, and hidden from then on', async () => {
    const { variables, mask } = sources({ ETCD_USER: 'drill-master', KUBE: 'kubes/staging' });
    const text = `${withEtcd("username: '${env:ETCD_USER}'", 'password: ${file:secrets/password}')}kubernetes: { kubeconfig: '\${env:KUBE}', context: c }\n`;
    const { etcd, kubernetes } = await parseEnvironment(text, join(folder, 'staging.yaml'), { variables, mask });
    assert.deepEqual([etcd?.username, etcd?.password, kubernetes?.kubeconfig], ['drill-master', 'from-a-file', join(folder, 'kubes/staging')]);
    assert.equal(mask.text('drill-master has from-a-file'), '${env:ETCD_USER} has ${file:secrets/password}');
    assert.equal(mask.text(`${folder}/kubes/staging is no kubeconfig`), `${folder}/\${env:KUBE} is no kubeconfig`);
  });

  it('may be the token for Prometheus', async () => {
    const { variables, mask } = sources({ PROM: 'eyJh.bGci-Oi_J9~+/==' });
    for (const [token, is] of [['${env:PROM}', 'eyJh.bGci-Oi_J9~+/=='], ['${file:secrets/password}', 'from-a-file']] as const) {
      const { prometheus } = await parseEnvironment(`${good}prometheus: { url: "http://prometheus:9090", token: "${token}" }\n`, join(folder, 'staging.yaml'), { variables, mask });
      assert.equal(prometheus?.token, is);
      assert.equal(mask.text(`authorization: Bearer ${is}`), `authorization: Bearer ${token}`);
    }
  });

  it('is meant as it is when it begins with two dollars', async () => {
    assert.equal((await parse(withEtcd('password: $${env:X}'))).etcd?.password, '${env:X}');
    assert.equal((await parse(withEtcd('password: $ecret'))).etcd?.password, '$ecret');
  });

  const wrong: [name: string, text: string, says: RegExp][] = [
    ['a variable that is not set', withEtcd('password: ${env:NOT_SET}'), /staging\.yaml:6:13 etcd\.password is \$\{env:NOT_SET\}, and the variable NOT_SET is not set; set it, or write another$/],
    ['a variable that every object has', withEtcd('password: ${env:constructor}'), /the variable constructor is not set/],
    ['an empty variable', withEtcd('password: ${env:EMPTY}'), /the variable EMPTY is empty$/],
    ['a short secret', withEtcd('password: ${env:SHORT}'), /staging\.yaml:6:13 etcd\.password has fewer than 4 characters: so short a secret can't be kept out/],
    ['a short secret that is written out', withEtcd('password: abc'), /etcd\.password has fewer than 4 characters/],
    ['a secret that is one of our own words', withEtcd('password: ${env:WORD}'), /etcd\.password is one of firedrill's own words/],
    ['a secret that is a part of a name', withEtcd('password: stag'), /^[^:]*:1:7 name has one of this file's secrets in it/],
    ['a name that hangs on the shell', good.replace('name: staging', "name: '${env:CANARY}'"), /staging\.yaml:1:7 name is \$\{env:CANARY\}; write it out: what says which platform this is must not change/],
    ['an account that hangs on the shell', good.replace("'123456789012'", "'${env:CANARY}'"), /staging\.yaml:2:\d+ aws\.accountId is \$\{env:CANARY\}; write it out/],
    ['an address that comes from a file', good.replace('https://peer-1.example.com:2379', '${file:empty}'), /etcd\.endpoints\[0\] is \$\{file:empty\}; write it out/],
    ['a token with a space', `${good}prometheus: { url: "http://p:9090", token: "Bearer canary" }\n`, /prometheus\.token is a text that is not shown; give a bearer token: letters, digits and/],
    ['a short secret of a webhook', `${good}notify: { webhooks: { ops: { url: 'https://x.example.com/', secret: canary } } }\n`, /notify\.webhooks\.ops\.secret is a text that is not shown; give at least 16 characters/],
    ['a receiver that comes from a variable', `${good}notify: { slack: { room: { url: '${'$'}{env:CANARY}' } } }\n`, /notify\.slack\.room\.url is \$\{env:CANARY\}; write it out/],
    ['a password in the address of a receiver', `${good}notify: { webhooks: { ops: { url: 'https://u:canary@x.example.com/', secret: '${'$'}{env:LONG}' } } }\n`, /notify\.webhooks\.ops\.url has a user or a password in it; give the address alone/],
    ['a token that leads elsewhere', `${good}notify: { slack: { room: { url: 'https://x.example.com/', token: ../canary } } }\n`, /notify\.slack\.room\.token is a text that is not shown; give the last part/],
    ['half a reference', withEtcd('password: ${env:A}b'), /etcd\.password begins with \$\{; give \$\{env:NAME\} or \$\{file:path\}, which stand alone/],
    ['a reference to something else', withEtcd('password: ${sh:id}'), /etcd\.password begins with \$\{; give/],
    ['a file that is not there', withEtcd('password: ${file:nothing}'), /etcd\.password is \$\{file:nothing\}, and that file can't be read: ENOENT: no such file$/],
    ['an empty file', withEtcd('password: ${file:empty}'), /that file is empty$/],
    ['a large file', withEtcd('password: ${file:large}'), /that file has more than 65536 bytes/],
    ['a file that is no text', withEtcd('password: ${file:binary}'), /that file is no text in UTF-8$/],
    ['a folder', withEtcd('password: ${file:secrets}'), /that file is a folder; give a file$/],
    ['a pipe', withEtcd('password: ${file:pipe}'), /that file is a pipe or a device; give a file$/],
    ['a device that never ends', withEtcd('password: ${file:/dev/zero}'), /that file is a pipe or a device; give a file$/],
    ['a number for a secret', withEtcd('password: 31415926'), /staging\.yaml:6:13 etcd\.password is a number that is not shown; give a text: put it in quotes$/],
    ['a secret with keys', withEtcd('password: { canary: 1 }'), /etcd\.password is a mapping; give a text$/],
    ['a secret that looks like an alias', withEtcd('password: *canary'), /staging\.yaml:6:13 etcd\.password is an alias; write the value out, in quotes where it begins with \*/],
    ['a secret that looks like a tag', withEtcd('password: !canary'), /staging\.yaml:6:13 this is not the YAML of an environment: tags are not allowed; a text that begins with ! must stand in quotes/],
    ['a secret with a wrong escape', withEtcd(String.raw`password: "\canary"`), /a backslash in double quotes begins an escape that YAML does not have/],
    ['a secret behind a quote too many', withEtcd("password: 'a' canary"), /staging\.yaml:6:\d+ this is not the YAML of an environment: this has no meaning here/],
  ];
  for (const [name, text, says] of wrong) {
    it(`is refused with its place, and never shown: ${name}`, async () => {
      const variables = { EMPTY: ' ', SHORT: 'abc', WORD: 'undone', LONG: 'long-enough-to-sign-with', CANARY: 'canary-of-the-shell' };
      await assert.rejects(inFolder(text, variables), (error: Error) => {
        refused(says)(error);
        assert.doesNotMatch(error.message.replaceAll(/\$\{\w+:[^}]*\}/g, '').replaceAll(folder, ''), /canary|31415926/);
        return true;
      });
    });
  }

  it('is not read where the environment file itself is no file', async () => {
    for (const [path, says] of [[folder, /is a folder; give a file/], [join(folder, 'pipe'), /is a pipe or a device/], ['/dev/zero', /is a pipe or a device/], [join(folder, 'none'), /can't be read: ENOENT/]] as const) {
      await assert.rejects(readEnvironment(path, sources()), refused(says));
    }
  });
});
