// Mocha hands a rejected promise that nobody waits for back to the process, where it would be lost without a
// listener. Thrown from here it becomes an uncaught exception, which fails the test that is running.
process.on('unhandledRejection', (reason) => {
  throw reason instanceof Error ? reason : new Error(`a promise was rejected with ${String(reason)}, and nobody waits for it`);
});
