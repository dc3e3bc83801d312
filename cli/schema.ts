import { drillJsonSchema } from '../scenarios/json-schema.ts';
import { suiteJsonSchema } from '../scenarios/suite-json-schema.ts';
import { exitCodes } from '../runner/errors.ts';
import { loadKinds } from '../runner/kinds.ts';

/**
 * `firedrill schema`: prints the JSON Schema by which editors check and complete drills.
 *
 * @param suite that of suites in place of that of drills
 */
export async function schemaCommand({ suite = false }: { readonly suite?: boolean } = {}): Promise<number> {
  const schema = suite ? suiteJsonSchema() : drillJsonSchema(await loadKinds());
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return exitCodes.held;
}
