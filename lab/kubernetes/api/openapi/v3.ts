import { mergeKeyOf, isSet } from '../patch/merge-keys.ts';
import { groupVersion, resources, type Resource } from '../resources.ts';
import { fieldsOfType, goName, typeOfKind, type PlainFormat, type Shape } from '../schema/types.ts';

type Schema = Record<string, unknown>;

const kindKey = 'x-kubernetes-group-version-kind';

/** Group versions that have a document: `api/v1`, `apis/apps/v1`, … */
export function documentNames(): string[] {
  return [...new Set(resources.map(nameOf))];
}

/** One group version's document: enough for `kubectl apply` and `kubectl explain`. Undefined when there is no such version. */
export function document(name: string): object | undefined {
  const found = resources.filter((resource) => nameOf(resource) === name);
  if (found.length === 0) return undefined;
  const schemas: Record<string, Schema> = {};
  for (const resource of found) addType(schemas, typeOfKind(`${groupVersion(resource)}/${resource.kind}`)!, resource);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths: Object.fromEntries(found.flatMap(pathsOf)),
    components: { schemas },
  };
}

function nameOf(resource: Resource): string {
  return `${resource.group === '' ? 'api' : 'apis'}/${groupVersion(resource)}`;
}

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({ name, in: 'query', schema: { type: 'string' } }));

function pathsOf(resource: Resource): [string, object][] {
  const { group, version, kind, plural } = resource;
  const gvk = { group, version, kind };
  const ref = { $ref: `#/components/schemas/${componentOf(typeOfKind(`${groupVersion(resource)}/${kind}`)!)}` };
  const operation = (action: string, parameters: object[] = []): object => ({
    'x-kubernetes-action': action,
    [kindKey]: gvk,
    parameters,
    responses: { 200: { description: 'OK', content: { 'application/json': { schema: ref } } } },
  });
  const collection = `/${nameOf(resource)}/${resource.namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
  return [
    [collection, { get: operation('list'), post: operation('post', writeParameters) }],
    [
      `${collection}/{name}`,
      {
        get: operation('get'),
        put: operation('put', writeParameters),
        patch: operation('patch', [...writeParameters, { name: 'force', in: 'query', schema: { type: 'boolean' } }]),
        delete: operation('delete'),
      },
    ],
  ];
}

/** `V1DeploymentSpec` as `io.k8s.v1.DeploymentSpec`. */
export function componentOf(type: string): string {
  const [, prefix = '', version = ''] = /^([A-Z][a-z]+)?(V\d+)/.exec(type) ?? [];
  return `io.k8s.${prefix === '' ? '' : `${prefix.toLowerCase()}.`}${version.toLowerCase()}.${goName(type)}`;
}

function addType(schemas: Record<string, Schema>, type: string, resource?: Resource): void {
  const component = componentOf(type);
  if (schemas[component]) return;
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  schemas[component] = {
    type: 'object',
    properties,
    ...(resource ? { [kindKey]: [{ group: resource.group, kind: resource.kind, version: resource.version }] } : {}),
  };
  for (const field of fieldsOfType(type).values()) {
    properties[field.name] = { ...schemaOf(schemas, field.shape), ...mergingOf(type, field.name) };
    if (field.required) required.push(field.name);
  }
  if (required.length > 0) schemas[component]['required'] = required;
}

/** How the lists of a type are merged: what stands in the path to them for the merge keys. */
function mergingOf(type: string, field: string): Schema {
  const owner = goName(type);
  const parent = /Container$/.test(owner) ? 'containers' : /Spec$/.test(owner) ? 'spec' : /Status$/.test(owner) ? 'status' : owner;
  const key = mergeKeyOf([parent, field]);
  if (key !== undefined) return { 'x-kubernetes-patch-merge-key': key, 'x-kubernetes-patch-strategy': 'merge' };
  return isSet([parent, field]) ? { 'x-kubernetes-patch-strategy': 'merge' } : {};
}

function schemaOf(schemas: Record<string, Schema>, shape: Shape): Schema {
  switch (shape.is) {
    case 'type':
      addType(schemas, shape.name);
      return { allOf: [{ $ref: `#/components/schemas/${componentOf(shape.name)}` }], default: {} };
    case 'list':
      return { type: 'array', items: schemaOf(schemas, shape.of) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(schemas, shape.of) };
    case 'plain':
      return plain(shape.format);
  }
}

export function plain(format: PlainFormat): Schema {
  switch (format) {
    case 'string':
    case 'boolean':
    case 'object':
      return { type: format };
    case 'int32':
    case 'int64':
      return { type: 'integer', format };
    case 'double':
      return { type: 'number', format };
    case 'date-time':
    case 'byte':
      return { type: 'string', format };
    case 'int-or-string':
      return { oneOf: [{ type: 'integer' }, { type: 'string' }], format };
  }
}
