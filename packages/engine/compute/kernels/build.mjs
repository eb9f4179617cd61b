// Compiles every AssemblyScript kernel here into src/binaries/<name>.ts. `--check` compares instead and fails on any
// difference. A name as argument compiles that kernel only.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = (name) => fileURLToPath(new URL(`../src/binaries/${name}.ts`, import.meta.url));

/** Compiled in memory; returns the binary in base64. Memory is imported, shared, and all of it the caller's. */
async function compile(source, features) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      source,
      ...['--outFile', 'kernel.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
      ...['threads', 'simd', ...features].flatMap((feature) => ['--enable', feature]),
    ],
    {
      readFile: (name) => readFile(`${here}${name}`, 'utf8').catch(() => null),
      writeFile: (_name, contents) => {
        binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return Buffer.from(binary).toString('base64');
}

function literal(base64) {
  return base64
    .match(/.{1,110}/g)
    .map((line) => `    '${line}'`)
    .join(' +\n');
}

async function generate(name) {
  const simd = await compile(`${name}.ts`, []);
  const relaxed = await compile(`${name}.ts`, ['relaxed-simd']);
  return `// Generated from kernels/${name}.ts by \`npm run kernels -w @tandem-rec/compute\`; do not edit.
import type { KernelBinary } from '../kernel.ts';

export const ${name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())}Binary: KernelBinary = {
  simd:
${literal(simd)},${relaxed === simd ? '' : `\n  relaxed:\n${literal(relaxed)},`}
};
`;
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const all = (await readdir(here)).filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3));
let stale = 0;
// A folder holds kernels; a file that begins with an underscore is for other kernels to import.
for (const name of (wanted.length > 0 ? wanted : all).filter((file) => !file.startsWith('_')).sort()) {
  const text = await generate(name);
  if (!process.argv.includes('--check')) await writeFile(target(name), text);
  else if ((await readFile(target(name), 'utf8').catch(() => '')) !== text) {
    console.error(`${target(name)} is not what kernels/ compiles to: run \`npm run kernels -w @tandem-rec/compute\`.`);
    stale++;
  }
}
process.exitCode = stale > 0 ? 1 : 0;
