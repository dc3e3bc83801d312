import { z } from 'zod';
import type { JsonSchema } from './json-schema.ts';
import { suiteSchema } from './suite.ts';

/**
 * The JSON Schema (draft 2020-12) of suites, by which editors check and complete them. What the drills of a suite say about
 * each other only the loader checks.
 */
export function suiteJsonSchema(): JsonSchema {
  const { $schema, ...root } = z.toJSONSchema(suiteSchema, { io: 'input', target: 'draft-2020-12', cycles: 'throw' });
  return { $schema, title: 'A suite of drills for firedrill gate', ...root };
}
