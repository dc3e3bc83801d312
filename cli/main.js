#!/usr/bin/env node
// The one file of plain JavaScript: Node would load its TypeScript machinery for a first file in TypeScript, while files
// that are imported once the cache is on come out of it compiled, their types already stripped.
import module from 'node:module';

const args = process.argv.slice(2);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  const remedy = 'use 22.19 or newer; in a checkout: npm run -s firedrill -- …';
  process.stderr.write(`firedrill needs a newer Node than ${process.versions.node}; ${remedy}\n`);
  process.exitCode = 2;
} else if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  // Answered before anything else is loaded: scripts ask this often.
  module.enableCompileCache();
  const { version } = await import('./version.ts');
  process.stdout.write(`${version()}\n`);
} else {
  module.enableCompileCache();
  // zod's messages in fifty languages take as long to load as all else of it; this program speaks one.
  module.registerHooks({
    resolve: (specifier, context, nextResolve) =>
      nextResolve(specifier === '../locales/index.js' && context.parentURL?.includes('/node_modules/zod/') ? '../locales/en.js' : specifier, context),
  });
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(args);
  // All is done and written: a connection that hangs in a network that was cut must not keep this process for minutes.
  setTimeout(() => process.exit(), 2_000).unref();
}
