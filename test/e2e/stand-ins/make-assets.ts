import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../../lab/kubernetes/api/http/paths.ts';
import { kubePrograms, type KubeProgram } from '../../../lab/kubernetes/assets/programs.ts';
import { paths } from '../../../lab/world/mounts.ts';

/** What the stand-ins say that they are: as the lab's own API server does, which is newer than what needs a feature gate. */
export const standInVersion = version.gitVersion;

/**
 * Makes a folder with executables that stand in for those of a Kubernetes release: asked for their version they answer like
 * them, and started on a master they are the lab's own parts.
 *
 * @param broken what one of them does instead when it is started, in the language of sh
 * @returns the folder; whoever asked for it removes it
 */
export function makeAssets(broken: Partial<Record<KubeProgram, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-kube-assets-'));
  for (const program of kubePrograms) {
    const run = `exec ${paths.node} --disable-warning=ExperimentalWarning --max-semi-space-size=1 ${paths.app}/test/e2e/stand-ins/${program}.ts "$@"`;
    const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo "Kubernetes ${standInVersion}"; exit; fi\n${broken[program] ?? run}\n`;
    writeFileSync(join(folder, program), script, { mode: 0o755 });
  }
  return folder;
}
