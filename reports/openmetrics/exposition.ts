import { visible } from '../words/untrusted.ts';

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Samples of one name. All are gauges: see `openmetrics.ts`. */
export interface Family {
  readonly name: string;
  readonly help: string;
  /** Ends the name, where there is one. */
  readonly unit: string | undefined;
  readonly samples: readonly Sample[];
}

/**
 * @param name without `firedrill_`; ends in the unit where there is one
 * @param help one sentence of our own, without quotes and backslashes
 */
export function family(name: string, help: string, samples: readonly Sample[], unit?: 'seconds' | 'ratio'): Family {
  return { name: `firedrill_${name}`, help, unit, samples };
}

/**
 * The text of all families that have a sample, by OpenMetrics 1.0, ended by `# EOF`. Ends in a newline.
 *
 * @param labels those that every sample carries
 */
export function exposition(families: readonly Family[], labels: Readonly<Record<string, string>>): string {
  return `${families.filter(({ samples }) => samples.length > 0).map((one) => familyText(one, labels)).join('')}# EOF\n`;
}

function familyText({ name, help, unit, samples }: Family, common: Readonly<Record<string, string>>): string {
  const lines = [`# TYPE ${name} gauge`, ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]), `# HELP ${name} ${help}`];
  const seen = new Map<string, number>();
  for (const { labels = {}, value } of samples) {
    const set = labelText({ ...common, ...labels });
    const times = (seen.get(set) ?? 0) + 1;
    seen.set(set, times);
    // Two targets may have one name; two samples may not have the same labels.
    lines.push(`${name}{${times === 1 ? set : `${set},nth="${times}"`}} ${numberText(value)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([name, value]) => `${name}="${escaped(visible(value))}"`).join(',');
}

/** Line breaks are spaces by now. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(Number(value.toFixed(9)));
}
