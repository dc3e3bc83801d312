import { drillJsonSchema, fileJsonSchema, type JsonSchema } from '../scenarios/json-schema.ts';
import { gamedaySchema } from '../scenarios/gameday.ts';
import { suiteSchema } from '../scenarios/suite.ts';
import { exitCodes } from '../runner/errors.ts';
import { reportSchema } from '../reports/schema/report.ts';
import { loadKinds } from '../runner/kinds.ts';

/** By the kind of file. */
const schemas: Readonly<Record<string, () => Promise<JsonSchema> | JsonSchema>> = {
  drill: async () => drillJsonSchema(await loadKinds()),
  gameday: () => fileJsonSchema(gamedaySchema, 'A game day of firedrill'),
  suite: () => fileJsonSchema(suiteSchema, 'A suite of drills for firedrill gate'),
  report: () => fileJsonSchema(reportSchema, 'The report of a run of firedrill, report.json, version 1'),
};

/**
 * `firedrill schema`: prints the JSON Schema by which editors check and complete files.
 *
 * @param kind one that the command line lets through
 */
export async function schemaCommand(kind: string): Promise<number> {
  process.stdout.write(`${JSON.stringify(await schemas[kind]!(), null, 2)}\n`);
  return exitCodes.held;
}
