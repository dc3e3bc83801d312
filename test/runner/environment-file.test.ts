import assert from 'node:assert/strict';
import { parseEnvironment } from '../../runner/environment-file.ts';
import { maskSecrets } from '../../runner/mask.ts';

const good = `name: staging
aws: { region: eu-west-1, accountId: '123456789012' }
etcd:
  endpoints: [ 'https://peer-1.example.com:2379' ]
  clusterId: cafe01
roles: { etcd: { role: '*.etcd3' } }
`;

describe('an environment file', () => {
  it('is read with its defaults', () => {
    const environment = parseEnvironment(good, 'staging.yaml');
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
    ['no mapping', '- a\n', /^staging\.yaml:1:1 the environment is no mapping/],
    ['no YAML', 'name: [', /^staging\.yaml:1:\d+ /],
  ];
  for (const [name, text, says] of wrong) {
    it(`with ${name} is refused with its place`, () => {
      assert.throws(() => parseEnvironment(text, 'staging.yaml'), (error: Error & { exitCode?: number }) => {
        assert.match(error.message, says);
        assert.equal(error.exitCode, 2);
        return true;
      });
    });
  }

  it('tells all its problems at once', () => {
    const text = good.replace('cafe01', 'xyz').replace('eu-west-1,', 'eu-west-1, zone: a,');
    assert.throws(() => parseEnvironment(text, 'staging.yaml'), (error: Error) => error.message.split('\n').length === 2);
  });

  it('is written down without its secrets', () => {
    const text = good
      .replace("'123456789012' }", "'123456789012', credentials: { accessKeyId: AKIA, secretAccessKey: canary-1, sessionToken: canary-2 } }")
      .replace('clusterId: cafe01', 'clusterId: cafe01\n  username: root\n  password: canary-3');
    const written = JSON.stringify(maskSecrets(parseEnvironment(text, 'staging.yaml')));
    assert.doesNotMatch(written, /canary/);
    assert.match(written, /AKIA/);
  });
});
