import { createHmac, timingSafeEqual } from 'node:crypto';

export const audience = 'https://kubernetes.default.svc';

/** What a service account's token says. */
export interface TokenClaims {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly id: string;
  readonly audiences: readonly string[];
  readonly issuedSeconds: number;
  readonly expiresSeconds: number;
}

interface Payload {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
  readonly 'kubernetes.io': { readonly namespace: string; readonly serviceaccount: { readonly name: string; readonly uid: string } };
}

/** A JSON Web Token. The real ones are signed by a key pair, so that others can check them; here only the servers do. */
export function signToken(secret: string, claims: TokenClaims): string {
  const payload = {
    aud: claims.audiences,
    exp: claims.expiresSeconds,
    iat: claims.issuedSeconds,
    iss: audience,
    jti: claims.id,
    'kubernetes.io': { namespace: claims.namespace, serviceaccount: { name: claims.name, uid: claims.uid } },
    nbf: claims.issuedSeconds,
    sub: `system:serviceaccount:${claims.namespace}:${claims.name}`,
  };
  const text = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(payload)}`;
  return `${text}.${signatureOf(secret, text)}`;
}

/** Undefined for what isn't a token of ours, and for one that has expired. */
export function readToken(secret: string, token: string, nowSeconds: number): TokenClaims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const expected = Buffer.from(signatureOf(secret, `${parts[0]}.${parts[1]}`));
  const given = Buffer.from(parts[2]!);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  const payload = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString()) as Payload;
  if (payload.exp <= nowSeconds) return undefined;
  const { namespace, serviceaccount } = payload['kubernetes.io'];
  return {
    namespace,
    name: serviceaccount.name,
    uid: serviceaccount.uid,
    id: payload.jti,
    audiences: payload.aud,
    issuedSeconds: payload.iat,
    expiresSeconds: payload.exp,
  };
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function signatureOf(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}
