#!/usr/bin/env -S node --conditions=@tandem-rec/source --disable-warning=ExperimentalWarning
import { run } from './program.ts';

// Whoever reads has read enough: `tandem schema | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
process.exitCode = await run(process.argv.slice(2));
