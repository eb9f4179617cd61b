// The process of one case: `case-process.ts NAME FOLDER RECORDS`, forked by `bench-stream.ts`.
import { CASES } from './cases.ts';
import { runCase } from './run-case.ts';

const [name, folder, records] = process.argv.slice(2);
const wanted = CASES.find((one) => one.name === name);
if (wanted === undefined) throw new Error(`There is no case ${name}.`);
const result = await runCase(wanted, folder, Number(records));
process.send?.(result);
process.disconnect?.();
