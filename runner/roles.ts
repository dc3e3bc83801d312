/** Tag values by which something is known, `*` allowed in each. All must match. */
export type TagPatterns = Readonly<Record<string, string>>;
type Tags = Readonly<Record<string, string>>;

/** Whether the tags carry all that the patterns ask for. */
export function matchesPatterns(tags: Tags, patterns: TagPatterns): boolean {
  return Object.entries(patterns).every(([key, pattern]) => {
    const value = tags[key];
    return value !== undefined && matchesPattern(value, pattern);
  });
}

/** Whether a text is what a pattern says, in which `*` stands for any text. */
export function matchesPattern(value: string, pattern: string): boolean {
  if (!pattern.includes('*')) return value === pattern;
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(value);
}

/** The roles of the environment file that something with these tags has. */
export function rolesOf(tags: Tags, roles: Readonly<Record<string, TagPatterns>>): string[] {
  return Object.keys(roles).filter((role) => matchesPatterns(tags, roles[role]!));
}

/** What people call a machine: the first label of its name, such as `peer-3`. */
export function shortName(name: string): string {
  return /^[^.]+/.exec(name)?.[0] ?? name;
}
