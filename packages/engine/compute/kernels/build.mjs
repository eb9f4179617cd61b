// Compiles the AssemblyScript kernels into src/kernel-binaries.ts. `--check` compares instead and fails on any difference.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../src/kernel-binaries.ts', import.meta.url));

/** Compiled in memory; returns the binary in base64. */
async function compile(source, features) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      source,
      '--outFile',
      'kernel.wasm',
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--use',
      'abort=',
      ...features.flatMap((feature) => ['--enable', feature]),
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
    .map((line) => `  '${line}'`)
    .join(' +\n');
}

const text = `// Generated from kernels/ by \`npm run kernels -w @tandem-rec/compute\`; do not edit.

/** gemm.ts compiled with 128-bit SIMD, in base64. */
export const gemmBinary =
${literal(await compile('gemm.ts', ['simd']))};

/** gemm.ts compiled with relaxed SIMD (fused multiply-add), in base64. */
export const relaxedGemmBinary =
${literal(await compile('gemm.ts', ['simd', 'relaxed-simd']))};

/** rows.ts compiled with 128-bit SIMD, in base64. */
export const rowsBinary =
${literal(await compile('rows.ts', ['simd']))};
`;

if (process.argv.includes('--check')) {
  if ((await readFile(target, 'utf8')) !== text) {
    console.error(`${target} is not what kernels/ compiles to: run \`npm run kernels -w @tandem-rec/compute\`.`);
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}
