import { applyPatch as applyJsonPatch } from 'rfc6902';
import { badRequest, StatusError, unsupportedMediaType } from '../errors.ts';
import { jsonProblem } from '../http/body.ts';
import type { KubeObject, Loose } from '../object.ts';
import { isMap, mergePatch } from './merge.ts';
import { strategicMergePatch } from './strategic.ts';

type Patch = (current: KubeObject) => KubeObject;

/**
 * Reads a patch of one of the three forms that need no manager.
 *
 * @returns what makes the next state from the present one
 * @throws StatusError 400 for what can't be read, 415 for another form; the result throws 422 when the patch doesn't fit
 */
export function readPatch(contentType: string, body: Buffer): Patch {
  switch (contentType) {
    case 'application/json-patch+json':
      return jsonPatch(parse(body));
    case 'application/merge-patch+json': {
      const patch = mapOf(parse(body));
      return (current) => mergePatch(current, patch);
    }
    case 'application/strategic-merge-patch+json': {
      const patch = mapOf(parse(body));
      return (current) => strategicMergePatch(current, patch);
    }
    default: {
      const { status } = unsupportedMediaType('415: Unsupported Media Type');
      throw new StatusError(415, status.reason, status.message!, {});
    }
  }
}

function jsonPatch(patch: Loose): Patch {
  if (!Array.isArray(patch)) {
    throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp');
  }
  return (current) => {
    const next = structuredClone(current);
    const failed = applyJsonPatch(next, patch).some((error) => error !== null);
    if (failed) throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
    return next;
  };
}

function parse(body: Buffer): Loose {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding patch: ${jsonProblem(text, error)}`);
  }
}

function mapOf(patch: Loose): Loose {
  if (isMap(patch)) return patch;
  throw badRequest('error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}');
}
