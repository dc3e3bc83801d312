#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { version } from './version.ts';

enableCompileCache();

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  // Answered before anything else is loaded: scripts ask this often.
  process.stdout.write(`${version()}\n`);
} else {
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(args);
}
