import { isMapping } from './parameters.ts';
import { readYaml } from './yaml-tree.ts';

/** The line of each SLO in the text of a drill that loads, from 1, in their order. */
export function sloLines(text: string): number[] {
  const tree = readYaml(text);
  const slos = isMapping(tree.value) && Array.isArray(tree.value.slos) ? tree.value.slos : [];
  return slos.map((_slo, index) => tree.position(tree.offsetOf(['slos', index], 'value')).line);
}
