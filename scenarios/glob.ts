/** Whether a glob is one that {@link matchesGlob} understands: from the top of a repository, with `*`, `**`, `?`, `{a,b}`. */
export function isGlob(glob: string): boolean {
  return glob !== '' && !/^[!/]|[[\]\\]|^\.\.?\/|\/$/.test(glob) && /^(?:[^{}]|\{[^{}]+\})*$/.test(glob);
}

/**
 * Whether a path is one that a glob means. `*` and `?` stand for what is between two slashes, `**` for any number of folders,
 * `{a,b}` for either.
 *
 * @param path with slashes, from the same top as the glob
 */
export function matchesGlob(path: string, glob: string): boolean {
  const pattern = glob.replaceAll(/\*\*\/|\*\*|\*|\?|\{([^{}]+)\}|[.+^$()|]/g, (token: string, choices: string | undefined) => {
    if (choices !== undefined) return `(?:${choices.split(',').map((one) => one.replaceAll(/[.+^$()|?*]/g, inChoice)).join('|')})`;
    return tokens[token] ?? `\\${token}`;
  });
  return new RegExp(`^${pattern}$`, 'su').test(path);
}

const tokens: Readonly<Record<string, string>> = { '**/': '(?:[^/]+/)*', '**': '.*', '*': '[^/]*', '?': '[^/]' };

function inChoice(character: string): string {
  return tokens[character] ?? `\\${character}`;
}
