// A thread of KernelThreads: sleeps until there is a call, then works on its blocks. It never returns to its event loop.
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { CONTROL, type HelperData, type HelperJob } from './kernel-threads.ts';
import { webAssembly } from './web-assembly.ts';

const { memory, control, port, index, generation } = workerData as HelperData & { readonly generation: number };
type Functions = Readonly<Record<string, (...numbers: number[]) => unknown>>;
const opened: Functions[] = [];

for (let seen = generation; ;) {
  Atomics.wait(control, CONTROL.generation, seen);
  seen = Atomics.load(control, CONTROL.generation);
  const received = receiveMessageOnPort(port) as { readonly message: HelperJob } | undefined;
  if (received === undefined) continue;
  work(received.message);
  Atomics.sub(control, CONTROL.busy, 1);
  Atomics.notify(control, CONTROL.busy);
}

function work({ id, module, name, table, width, count, scratch, stride }: HelperJob): void {
  try {
    if (module) opened[id] = new webAssembly.Instance(module, { env: { memory } }).exports as Functions;
    for (let i = Atomics.add(control, CONTROL.next, 1); i < count; i = Atomics.add(control, CONTROL.next, 1))
      opened[id][name](scratch + index * stride, ...table.subarray(i * width, (i + 1) * width));
  } catch {
    Atomics.add(control, CONTROL.failed, 1);
  }
}
