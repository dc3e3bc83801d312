type Schema = Record<string, unknown>;

/**
 * The part of JSON Schema (draft 2020-12) that the drills' schema uses.
 *
 * @returns where and why a value doesn't fit; empty when it does
 * @throws Error for a keyword that isn't known here, so that none is passed over
 */
export function violations(root: Schema, value: unknown, schema: Schema = root, path = ''): string[] {
  const nested = (child: unknown, at: unknown, where = path): string[] => {
    if (child === true) return [];
    if (child === false) return [`${where} is not allowed`];
    return violations(root, at, child as Schema, where);
  };
  const fits = (child: unknown): boolean => nested(child, value).length === 0;
  const map = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : undefined;
  const list = Array.isArray(value) ? (value as unknown[]) : undefined;
  const fail = (failed: boolean, keyword: string): string[] => (failed ? [`${path}: ${keyword}`] : []);

  return Object.entries(schema).flatMap(([keyword, rule]): string[] => {
    switch (keyword) {
      case '$schema':
      case '$defs':
      case 'title':
      case 'description':
      case 'default':
      case 'then':
        return [];
      case '$ref':
        return nested((root.$defs as Schema)[(rule as string).replace('#/$defs/', '')] ?? false, value);
      case 'type':
        return fail(![rule].flat().includes(typeOf(value)) && !(rule === 'integer' && Number.isInteger(value)), keyword);
      case 'const':
        return fail(value !== rule, keyword);
      case 'enum':
        return fail(!(rule as unknown[]).includes(value), keyword);
      case 'pattern':
        return fail(typeof value === 'string' && !new RegExp(rule as string, 'u').test(value), keyword);
      case 'format':
        return fail(rule === 'uri' && typeof value === 'string' && !URL.canParse(value), keyword);
      case 'minLength':
        return fail(typeof value === 'string' && value.length < (rule as number), keyword);
      case 'minItems':
        return fail(list !== undefined && list.length < (rule as number), keyword);
      case 'minimum':
        return fail(typeof value === 'number' && value < (rule as number), keyword);
      case 'maximum':
        return fail(typeof value === 'number' && value > (rule as number), keyword);
      case 'required':
        return map ? (rule as string[]).flatMap((key) => fail(!Object.hasOwn(map, key), `required ${key}`)) : [];
      case 'properties':
        return map ? Object.entries(rule as Schema).flatMap(([key, child]) => (Object.hasOwn(map, key) ? nested(child, map[key], `${path}/${key}`) : [])) : [];
      case 'additionalProperties': {
        const known = Object.keys(schema.properties ?? {});
        return map ? Object.keys(map).flatMap((key) => (known.includes(key) ? [] : nested(rule, map[key], `${path}/${key}`))) : [];
      }
      case 'propertyNames':
        return map ? Object.keys(map).flatMap((key) => nested(rule, key, `${path}/${key}`)) : [];
      case 'items':
        return list ? list.flatMap((item, index) => nested(rule, item, `${path}/${index}`)) : [];
      case 'anyOf':
        return fail(!(rule as unknown[]).some(fits), keyword);
      case 'oneOf':
        return fail((rule as unknown[]).filter(fits).length !== 1, keyword);
      case 'allOf':
        return (rule as unknown[]).flatMap((child) => nested(child, value));
      case 'if':
        return fits(rule) ? nested(schema.then ?? true, value) : [];
      default:
        throw new Error(`the validator doesn't know ${keyword}`);
    }
  });
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
