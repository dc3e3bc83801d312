/** What a file sets of a drill's parameters, as `--set` takes it: `name=value`, one for each. */
export function settingTexts(set: Readonly<Record<string, string | number | boolean>> = {}): string[] {
  return Object.entries(set).map(([name, value]) => `${name}=${value}`);
}
