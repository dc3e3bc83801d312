import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import json from '../../reports/json.ts';
import { reportSchema } from '../../reports/schema/report.ts';
import { judge } from '../../runner/judge.ts';
import type { Entry } from '../../runner/journal.ts';
import { fileJsonSchema, type JsonSchema } from '../../scenarios/json-schema.ts';
import { violations } from '../scenarios/json-schema-validator.ts';
import { anyRun } from './any-run.ts';
import { heldRun, sampleRuns } from './sample-runs.ts';

const shipped = JSON.parse(readFileSync(new URL('../../schema/report.schema.json', import.meta.url), 'utf8')) as JsonSchema;

/** The same schema, but for keys that it doesn't know, which it lets through: here each has to be described. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return 'properties' in inner && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner;
}

const strictly = strict(shipped) as Record<string, unknown>;

describe('the JSON Schema of report.json', () => {
  it('ships as it is made', () => {
    assert.deepEqual(shipped, JSON.parse(JSON.stringify(fileJsonSchema(reportSchema, shipped.title!))), 'it is out of date; run: npm run schema');
    assert.match(shipped.title!, new RegExp(`version ${heldRun.schemaVersion}$`));
  });

  for (const [name, run] of Object.entries(sampleRuns)) {
    it(`describes every key of a report: ${name}`, () => assert.deepEqual(violations(strictly, JSON.parse(json.render(run))), []));
  }

  const folder = new URL('../journals/', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ndjson'))) {
    it(`describes every key of the report of a saved journal: ${file}`, () => {
      const entries = readFileSync(new URL(file, folder), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Entry);
      assert.deepEqual(violations(strictly, JSON.parse(json.render(judge(entries)))), []);
    });
  }

  it('describes every report that the types allow', () => {
    fc.assert(fc.property(anyRun, (run) => assert.deepEqual(violations(strictly, JSON.parse(json.render(run))), [])), { numRuns: 60 });
  });

  it('takes a key that a later version adds, and refuses another version, a missing key and an unknown verdict', () => {
    const report = JSON.parse(json.render(heldRun)) as Record<string, unknown>;
    assert.deepEqual(violations(shipped, { ...report, weather: 'fine' }), []);
    const { slos: _, ...without } = report;
    for (const wrong of [{ ...report, schemaVersion: 2 }, without, { ...report, verdict: { value: 'good', exitCode: 0, headline: '' } }]) {
      assert.notDeepEqual(violations(shipped, wrong), []);
    }
  });
});
