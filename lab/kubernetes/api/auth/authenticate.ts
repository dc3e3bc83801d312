import { unauthorized } from '../errors.ts';
import type { ApiServerOptions } from '../options.ts';
import { resourceNamed } from '../resources.ts';
import { keyOf } from '../storage/keys.ts';
import type { Caches } from '../storage/follow.ts';
import { readToken } from './service-account-tokens.ts';
import { anonymous, type User } from './user.ts';

export interface Tokens {
  /** Whose token it is; undefined when it is nobody's. */
  userOf(token: string): User | undefined;
  /** @throws StatusError 401 for a token that is nobody's; no token at all is anonymous */
  authenticate(authorization: string | undefined): User;
}

export function createTokens(options: Pick<ApiServerOptions, 'users' | 'serviceAccountSecret'>, caches: Caches): Tokens {
  const users = new Map(
    options.users.map(({ token, name, groups = [] }): [string, User] => [token, { name, groups: [...groups, 'system:authenticated'] }]),
  );
  const serviceAccounts = resourceNamed('serviceaccounts');

  const userOf = (token: string): User | undefined => {
    const known = users.get(token);
    if (known) return known;
    const claims = readToken(options.serviceAccountSecret, token, Date.now() / 1000);
    if (!claims) return undefined;
    const account = caches.of(serviceAccounts).get(keyOf(serviceAccounts, claims.namespace, claims.name));
    if (account?.object.metadata.uid !== claims.uid) return undefined;
    return {
      name: `system:serviceaccount:${claims.namespace}:${claims.name}`,
      uid: claims.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${claims.namespace}`, 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.id}`] },
    };
  };

  return {
    userOf,
    authenticate(authorization) {
      if (authorization === undefined || authorization === '') return anonymous;
      const token = /^bearer\s+(.+)$/i.exec(authorization)?.[1];
      if (token === undefined) return anonymous;
      const user = userOf(token.trim());
      if (!user) throw unauthorized();
      return user;
    },
  };
}
