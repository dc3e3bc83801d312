import { drillJsonSchema } from '../scenarios/json-schema.ts';
import { exitCodes } from '../runner/errors.ts';
import { loadKinds } from '../runner/kinds.ts';

/** `firedrill schema`: prints the JSON Schema by which editors check and complete drills. */
export async function schemaCommand(): Promise<number> {
  process.stdout.write(`${JSON.stringify(drillJsonSchema(await loadKinds()), null, 2)}\n`);
  return exitCodes.held;
}
