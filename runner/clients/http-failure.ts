import type { Outcome } from '../traffic/outcome.ts';

/** By the code of what Node threw. */
const codes: Readonly<Record<string, Outcome>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EPROTO: 'tls',
  // The harness's own machine ran out of something: nothing was sent.
  EMFILE: 'unknown',
  ENFILE: 'unknown',
  ENOBUFS: 'unknown',
  ENOMEM: 'unknown',
  EADDRNOTAVAIL: 'unknown',
};

/** OpenSSL's reasons to refuse a certificate, and those of Node's own TLS. */
const ofTls = /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH)/;
/** The parser's: what came is no HTTP. */
const ofParser = /^HPE_/;

/**
 * What became of a request that ended with an error of Node's. Whatever broke off a connection that was there is `reset`.
 */
export function outcomeOfError(error: unknown): Outcome {
  const { code } = (error ?? {}) as { code?: unknown };
  const text = typeof code === 'string' ? code : '';
  const known = codes[text];
  if (known !== undefined) return known;
  if (ofTls.test(text)) return 'tls';
  return ofParser.test(text) ? 'wrong answer' : 'reset';
}
