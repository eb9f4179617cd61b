// Installs what is missing, then runs an entry of this repository on its pinned Node:
//
//   node tools/bootstrap/bootstrap.mjs [ENTRY [ARGUMENT …]]
//
// ENTRY is a path from the repository's root. Plain JavaScript without dependencies, for any Node from 20: it runs
// before anything is installed. It speaks on stderr only: stdout belongs to the entry.
import { ensureInstalled } from './install.mjs';
import { runPinnedNode } from './run-pinned-node.mjs';

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`tandem: Node 20 or later is needed to start, this is ${process.versions.node}`);
  process.exit(1);
}

try {
  await ensureInstalled();
  const [entry, ...args] = process.argv.slice(2);
  if (entry !== undefined) await runPinnedNode(entry, args);
} catch (error) {
  console.error(`tandem: ${error.message}`);
  process.exitCode = 1;
}
