#!/usr/bin/env node
// The one file of plain JavaScript: Node would load its TypeScript machinery for a first file in TypeScript, while files
// that are imported after the next line come from the cache of compiled code, already stripped.
import { enableCompileCache } from 'node:module';
enableCompileCache();

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  // Answered before anything else is loaded: scripts ask this often.
  const { version } = await import('./version.ts');
  process.stdout.write(`${version()}\n`);
} else {
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(args);
}
