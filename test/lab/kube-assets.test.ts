import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../../lab/errors.ts';
import { checkKubeAssets } from '../../lab/host/kube-assets.ts';
import { kubePrograms, type KubeProgram } from '../../lab/kubernetes/assets/programs.ts';

describe('a folder of Kubernetes programs', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'firedrill-assets-')));
    for (const program of kubePrograms) says(program, 'Kubernetes v1.33.1');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (program: KubeProgram, script: string, mode = 0o755): void => {
    rmSync(join(folder, program), { force: true });
    writeFileSync(join(folder, program), script, { mode });
  };
  const says = (program: KubeProgram, version: string): void => put(program, `#!/bin/sh\n[ "$*" = --version ] && echo "${version}"\n`);
  const refusal = (path = folder): string => {
    try {
      checkKubeAssets(path);
    } catch (error) {
      assert.ok(error instanceof LabError);
      assert.deepEqual([error.code, error.exitCode], ['bad-assets', 2]);
      return error.message;
    }
    return 'nothing to complain of';
  };

  it('is taken when all three are of one release, with the version that its API server says', () => {
    assert.deepEqual(checkKubeAssets(folder), { folder, version: 'v1.33.1' });
  });

  it('may be named by a link, and is then known by its own path', () => {
    const link = join(folder, 'link');
    symlinkSync(folder, link);
    assert.equal(checkKubeAssets(link).folder, folder);
  });

  for (const version of ['v1.26.0', 'v1.36.2+k3s1', 'v1.30.0-eks-036c24b', 'v1.35.0-rc.1']) {
    it(`may be of version ${version}`, () => {
      for (const program of kubePrograms) says(program, `Kubernetes ${version}`);
      assert.equal(checkKubeAssets(folder).version, version);
    });
  }

  it('may have a scheduler older than its API server', () => {
    says('kube-scheduler', 'Kubernetes v1.32.9');
    assert.equal(refusal(), 'nothing to complain of');
  });

  const wrong: [what: string, change: () => void, message: RegExp][] = [
    ['one is missing', () => rmSync(join(folder, 'kube-scheduler')), /: kube-scheduler is missing\n/],
    [
      'two are missing, as in the folder of envtest',
      () => ['kube-scheduler', 'kube-controller-manager'].forEach((program) => rmSync(join(folder, program))),
      /: kube-controller-manager is missing; kube-scheduler is missing\n/,
    ],
    ['one is not executable', () => put('kube-apiserver', '#!/bin/sh\n', 0o644), /: kube-apiserver is not executable\n/],
    [
      'one is a folder',
      () => {
        rmSync(join(folder, 'kube-apiserver'));
        mkdirSync(join(folder, 'kube-apiserver'));
      },
      /: kube-apiserver is not a file\n/,
    ],
    ['all are too old', () => kubePrograms.forEach((program) => says(program, 'Kubernetes v1.25.16')), /: kube-apiserver is v1\.25\.16, and 1\.26 is the oldest that works; kube-controller-manager is v1\.25\.16/],
    ['one is newer than the API server', () => says('kube-controller-manager', 'Kubernetes v1.34.0'), /: kube-controller-manager is v1\.34\.0, newer than kube-apiserver \(v1\.33\.1\)\n/],
    ['one is something else', () => says('kube-scheduler', 'etcd Version: 3.5.9'), /: kube-scheduler is not of Kubernetes 1: asked for its --version it said "etcd Version: 3\.5\.9"\n/],
    ['one is of no release', () => says('kube-scheduler', 'Kubernetes v0.0.0-master+0'), /it said "Kubernetes v0\.0\.0-master\+0"\n/],
    ['one says more than a version', () => says('kube-scheduler', 'Kubernetes v1.33.1;reboot'), /it said "Kubernetes v1\.33\.1;reboot"\n/],
    ['one says nothing', () => put('kube-scheduler', '#!/bin/sh\nexit 3\n'), /it said "nothing, and ended with 3"\n/],
    ['one only complains', () => put('kube-scheduler', '#!/bin/sh\necho "unknown flag" >&2\nexit 1\n'), /it said "unknown flag"\n/],
    ['one is for another machine', () => put('kube-scheduler', '#!/no/such/interpreter\n'), /: kube-scheduler can't be run here: .*ENOENT\n/],
  ];
  for (const [what, change, message] of wrong) {
    it(`is refused when ${what}`, () => {
      change();
      assert.match(refusal(), message);
    });
  }

  it('is refused when it is not there, or no folder, with what would be', () => {
    const missing = join(folder, 'nope');
    assert.ok(refusal(missing).startsWith(`the lab can't run Kubernetes from ${missing}: there is no such folder\n`));
    assert.match(refusal(join(folder, 'kube-scheduler')), /kube-scheduler: it is no folder\n/);
    assert.match(refusal(missing), /\nit needs kube-apiserver, kube-controller-manager, kube-scheduler of one release from 1\.26 on, and --kube-assets or KUBEBUILDER_ASSETS to name/);
  });
});
