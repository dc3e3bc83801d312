import type { Handler } from '../call.ts';
import { invalid, notFound } from '../errors.ts';
import { objectAnswer } from '../http/forms.ts';
import type { KubeObject } from '../object.ts';
import { readPatch } from '../patch/apply-patch.ts';
import { selectorText } from '../selectors/labels.ts';
import { readWriteOptions } from '../verbs/options.ts';
import { decoded, matchPath, readTyped } from '../verbs/read-object.ts';
import { changeObject } from '../verbs/update.ts';

const kind = 'Scale';
const apiVersion = 'autoscaling/v1';

/** The number of replicas, in a form that is the same for all that have one. */
export const scale: Handler = async (api, call) => {
  const { resource, namespace, name } = call;
  if (call.info.verb === 'get') {
    const stored = await api.store.get(resource, namespace, name!);
    if (!stored) throw notFound(resource, name!);
    return objectAnswer(call, 200, scaleOf(stored.object));
  }
  const patched = call.info.verb === 'patch';
  const options = readWriteOptions(call.query, patched ? 'PatchOptions' : 'UpdateOptions');
  const apply = patched ? readPatch(call.contentType, call.body) : undefined;
  const given = patched ? undefined : readTyped(call, kind, apiVersion);
  const next = await changeObject(
    api,
    { resource, namespace, name, subresource: undefined },
    (current) => {
      const wanted = apply ? decoded(apply(scaleOf(current)), kind, apiVersion).object : given!;
      matchPath(call, wanted);
      const replicas: unknown = (wanted['spec'])?.replicas ?? 0;
      if (typeof replicas !== 'number' || replicas < 0) {
        const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
        throw invalid(kind, 'autoscaling', name!, [{ reason: 'FieldValueInvalid', field: 'spec.replicas', message }]);
      }
      const { resourceVersion } = wanted.metadata;
      return {
        ...current,
        metadata: { ...current.metadata, ...(resourceVersion ? { resourceVersion } : {}) },
        spec: { ...current['spec'], replicas },
      };
    },
    options.dryRun,
  );
  return objectAnswer(call, 200, scaleOf(next));
};

function scaleOf({ metadata, spec, status }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = selectorText(spec?.selector?.matchLabels || spec?.selector?.matchExpressions ? spec.selector : { matchLabels: spec?.selector });
  return {
    kind,
    apiVersion,
    metadata: { name, namespace: namespace!, uid: uid!, resourceVersion: resourceVersion!, creationTimestamp: creationTimestamp! },
    spec: spec?.replicas ? { replicas: spec.replicas } : {},
    status: { replicas: status?.replicas ?? 0, ...(selector === '' ? {} : { selector }) },
  };
}
