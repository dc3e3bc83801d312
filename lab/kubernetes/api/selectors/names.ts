// What may be written where, with the words of the real server for what may not.

const qualifiedNamePattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValuePattern = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';
const subdomainPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

const qualifiedName = new RegExp(`^${qualifiedNamePattern}$`);
const labelValue = new RegExp(`^${labelValuePattern}$`);
const subdomain = new RegExp(`^${subdomainPattern}$`);
const label = new RegExp(`^${labelPattern}$`);

const ofQualified =
  `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character ` +
  `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedNamePattern}')`;

/** Says what is wrong with a key of labels or annotations; undefined when nothing is. */
export function qualifiedNameProblem(key: string): string | undefined {
  const parts = key.split('/');
  if (parts.length > 2) {
    return `a valid label key ${ofQualified} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  }
  const name = parts.at(-1)!;
  if (parts.length === 2 && parts[0] === '') return 'prefix part must be non-empty';
  if (parts.length === 2 && !subdomain.test(parts[0]!)) return `prefix part ${ofSubdomain}`;
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return 'name part must be no more than 63 bytes';
  return qualifiedName.test(name) ? undefined : `name part ${ofQualified}`;
}

export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return 'must be no more than 63 bytes';
  if (labelValue.test(value)) return undefined;
  return (
    `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with ` +
    `an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValuePattern}')`
  );
}

const ofSubdomain =
  `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with ` +
  `an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomainPattern}')`;

export function subdomainProblem(name: string): string | undefined {
  if (name.length > 253) return 'must be no more than 253 bytes';
  return subdomain.test(name) ? undefined : ofSubdomain;
}

export function labelProblem(name: string): string | undefined {
  if (name.length > 63) return 'must be no more than 63 bytes';
  if (label.test(name)) return undefined;
  return (
    `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with ` +
    `an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${labelPattern}')`
  );
}
