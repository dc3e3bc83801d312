import { randomUUID } from 'node:crypto';
import { audience, signToken } from '../auth/service-account-tokens.ts';
import type { Handler } from '../call.ts';
import { invalid, notFound } from '../errors.ts';
import { objectAnswer } from '../http/forms.ts';
import { timestamp, type Loose } from '../object.ts';
import { readTyped } from '../verbs/read-object.ts';

/** What pods ask for. Such a token the real server lets live for a year, for those who read it once and keep it. */
const usualSeconds = 3_607;
const extendedSeconds = 365 * 24 * 3_600;

/** Makes a token for a service account. */
export const token: Handler = async (api, call) => {
  const request = readTyped(call, 'TokenRequest', 'authentication.k8s.io/v1');
  const stored = await api.store.get(call.resource, call.namespace, call.name!);
  if (!stored) throw notFound(call.resource, call.name!);
  const spec: Loose = request['spec'] ?? {};
  const expirationSeconds: number = spec.expirationSeconds ?? 3600;
  if (expirationSeconds < 600) {
    const message = `Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes`;
    throw invalid('TokenRequest', 'authentication.k8s.io', '', [{ reason: 'FieldValueInvalid', field: 'spec.expirationSeconds', message }]);
  }
  const audiences: string[] = spec.audiences?.length ? spec.audiences : [audience];
  const issuedSeconds = Math.floor(Date.now() / 1000);
  const expiresSeconds = issuedSeconds + expirationSeconds;
  const { name, namespace, uid } = stored.object.metadata;
  const text = signToken(api.options.serviceAccountSecret, {
    namespace: namespace!,
    name,
    uid: uid!,
    id: randomUUID(),
    audiences,
    issuedSeconds,
    expiresSeconds: expirationSeconds === usualSeconds && audiences.includes(audience) ? issuedSeconds + extendedSeconds : expiresSeconds,
  });
  return objectAnswer(call, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace: namespace!, uid: uid!, creationTimestamp: timestamp() },
    spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token: text, expirationTimestamp: timestamp(expiresSeconds * 1000) },
  });
};
