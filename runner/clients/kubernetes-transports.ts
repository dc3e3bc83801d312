/**
 * What the library for Kubernetes sends its requests with: its own undici, of which two files are enough where there is no proxy,
 * and what it has for proxies, loaded by whoever has one. All of it at once takes a fifth of a command's start.
 */
import { createRequire } from 'node:module';

type Constructor = new (...args: readonly unknown[]) => object;

const require = createRequire(createRequire(import.meta.url).resolve('@kubernetes/client-node'));

export const Agent: unknown = require('undici/lib/dispatcher/agent.js');
export const fetch: unknown = (require('undici/lib/web/fetch/index.js') as { readonly fetch: unknown }).fetch;

export const ProxyAgent = later(() => (require('undici') as { readonly ProxyAgent: Constructor }).ProxyAgent);
export const SocksProxyAgent = later(() => (require('socks-proxy-agent') as { readonly SocksProxyAgent: Constructor }).SocksProxyAgent);
export const SocksClient = {
  createConnection(...args: readonly unknown[]): unknown {
    const { SocksClient: Client } = require('socks') as { readonly SocksClient: { createConnection(...args: readonly unknown[]): unknown } };
    return Client.createConnection(...args);
  },
};

/** A class that is loaded when its first object is made. */
function later(load: () => Constructor): Constructor {
  return class {
    constructor(...args: readonly unknown[]) {
      return new (load())(...args);
    }
  };
}
