import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const library = join(import.meta.dirname, '../../../runner/clients/kubernetes-library.ts');

/** Loads it in a process of its own, and tells which of the library's files came along. */
function loadedFiles(): string[] {
  const script = `
    import { registerHooks } from 'node:module';
    const files = [];
    registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) });
    const { loadKubernetesLibrary } = await import(${JSON.stringify(library)});
    const loaded = await loadKubernetesLibrary();
    if (Object.values(loaded).some((part) => part === undefined)) throw new Error('a part is missing');
    new loaded.KubeConfig().loadFromString('{ "apiVersion": "v1", "kind": "Config" }');
    console.log(JSON.stringify(files));`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })) as string[];
}

describe('the library for Kubernetes', () => {
  it('is loaded without its classes for kinds of objects', () => {
    const files = loadedFiles();
    assert.ok(files.some((url) => url.endsWith('/@kubernetes/client-node/dist/config.js')));
    assert.deepEqual(files.filter((url) => /\/client-node\/dist\/gen\/(models|apis|types|index)/.test(url)), []);
  });

  it('is loaded without what it has for proxies and commands in containers, and without most of undici', () => {
    const files = loadedFiles();
    assert.ok(files.some((url) => url.includes('/undici/lib/web/fetch/')));
    assert.deepEqual(files.filter((url) => /\/node_modules\/(socks|ws|undici\/index\.js)/.test(url)), []);
  });

  it('is whole for whoever loads all of it afterwards', async () => {
    const { loadKubernetesLibrary } = await import('../../../runner/clients/kubernetes-library.ts');
    const part = await loadKubernetesLibrary();
    const whole = await import('@kubernetes/client-node');
    assert.equal(typeof whole.V1Status, 'function');
    assert.equal(whole.KubeConfig, part.KubeConfig);
  });
});
