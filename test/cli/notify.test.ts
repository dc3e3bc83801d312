import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notifierFor, writeSummary } from '../../cli/notify.ts';
import { notifySchema } from '../../runner/notify/settings.ts';
import { heldRun } from '../reports/sample-runs.ts';
import { sampleEnvironment } from '../runner/sample-platform.ts';

describe('the report in the summary of a CI job', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-summary-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const written = async (variables: NodeJS.ProcessEnv, notify: object | null = {}): Promise<string> => {
    let log = '';
    const out = { write: (text: string) => ((log += text), true) } as unknown as NodeJS.WriteStream;
    await writeSummary(sampleEnvironment({ ...(notify === null ? {} : { notify }) }), heldRun, variables, out);
    return log;
  };

  it('is appended to that of a step of GitHub', async () => {
    const GITHUB_STEP_SUMMARY = join(folder, 'summary.md');
    assert.equal(await written({ GITHUB_STEP_SUMMARY }), '');
    await written({ GITHUB_STEP_SUMMARY });
    assert.equal((await readFile(GITHUB_STEP_SUMMARY, 'utf8')).split('Lose a whole zone').length > 2, true);
  });

  it('is a folded section in the log of a job of GitLab', async () => {
    const log = await written({ GITLAB_CI: 'true' });
    const visible = log.replaceAll('\u001b[0K', '<clear>').replaceAll('\r', '<return>');
    assert.match(visible, /^<clear>section_start:(\d+):(firedrill_[\w.-]+)\[collapsed=true\]<return><clear>firedrill: held, .*\n[^]*<clear>section_end:\d+:\2<return><clear>\n$/);
  });

  it('changes nothing where it can not be written, is not wanted, or there is none', async () => {
    await written({ GITHUB_STEP_SUMMARY: join(folder, 'not/there') });
    assert.equal(await written({ GITLAB_CI: 'true' }, { summary: false }), '');
    assert.equal(await written({ GITLAB_CI: 'true' }, null), '');
    assert.equal(await written({}), '');
  });

  it('is all there is to do where nobody is named', async () => {
    assert.equal(await notifierFor(sampleEnvironment({ notify: notifySchema.parse({}) }), () => assert.fail()), undefined);
  });
});
