import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { WebAssemblyMemory } from './web-assembly.ts';

/** Words of the control array. */
export const CONTROL = { generation: 0, next: 1, busy: 2, failed: 3 } as const;

/** What a helping thread is born with. */
export interface HelperData {
  readonly memory: WebAssemblyMemory;
  readonly control: Int32Array;
  readonly port: MessagePort;
  readonly index: number;
}

/** A parallel call, as helpers receive it. */
export interface HelperJob {
  /** Which module; it comes along the first time. */
  readonly id: number;
  readonly module?: object;
  readonly name: string;
  /** `count × width` arguments after the scratch. */
  readonly table: Float64Array;
  readonly width: number;
  readonly count: number;
  readonly scratch: number;
  readonly stride: number;
}

type Functions = Readonly<Record<string, (...numbers: number[]) => unknown>>;

/**
 * Threads that share one WebAssembly memory. A call blocks until all its blocks are done; helpers sleep between calls and
 * do not keep the process alive. They are started by the first call that has work for two.
 */
export class KernelThreads {
  readonly count: number;
  readonly #memory: WebAssemblyMemory;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * Object.keys(CONTROL).length));
  readonly #ids = new Map<object, number>();
  readonly #helpers: { readonly worker: Worker; readonly port: MessagePort }[] = [];

  constructor(memory: WebAssemblyMemory, count: number) {
    if (!(Number.isInteger(count) && count >= 1)) throw new RangeError(`${count} threads; allowed: 1 or more.`);
    this.#memory = memory;
    this.count = count;
  }

  /** Calls `functions[name](scratch, ...call)` for every call. */
  run(
    module: object,
    functions: Functions,
    name: string,
    calls: readonly (readonly number[])[],
    scratch: number,
    stride: number,
  ): void {
    if (this.count === 1 || calls.length < 2) {
      for (const call of calls) functions[name](scratch, ...call);
      return;
    }
    this.#start();
    const width = calls[0].length;
    const table = new Float64Array(new SharedArrayBuffer(8 * width * calls.length));
    for (const [i, call] of calls.entries()) table.set(call, i * width);
    const isNew = !this.#ids.has(module);
    if (isNew) this.#ids.set(module, this.#ids.size);
    const job: HelperJob = { id: this.#ids.get(module)!, name, table, width, count: calls.length, scratch, stride };
    const control = this.#control;
    for (const { port } of this.#helpers) port.postMessage(isNew ? { ...job, module } : job);
    Atomics.store(control, CONTROL.next, 0);
    Atomics.store(control, CONTROL.busy, this.#helpers.length);
    Atomics.add(control, CONTROL.generation, 1);
    Atomics.notify(control, CONTROL.generation);
    try {
      for (let i = Atomics.add(control, CONTROL.next, 1); i < calls.length; i = Atomics.add(control, CONTROL.next, 1))
        functions[name](scratch, ...calls[i]);
    } finally {
      for (let busy = Atomics.load(control, CONTROL.busy); busy > 0; busy = Atomics.load(control, CONTROL.busy))
        Atomics.wait(control, CONTROL.busy, busy);
    }
    if (Atomics.exchange(control, CONTROL.failed, 0) > 0) throw new Error(`A thread failed in the kernel ${name}.`);
  }

  close(): void {
    for (const { worker, port } of this.#helpers.splice(0)) {
      port.close();
      void worker.terminate();
    }
  }

  #start(): void {
    const file = import.meta.url.endsWith('.ts') ? './kernel-helper.ts' : './kernel-helper.js';
    for (let index = this.#helpers.length + 1; index < this.count; index++) {
      const { port1, port2 } = new MessageChannel();
      const data: HelperData = { memory: this.#memory, control: this.#control, port: port2, index };
      const worker = new Worker(new URL(file, import.meta.url), {
        workerData: { ...data, generation: Atomics.load(this.#control, CONTROL.generation) },
        transferList: [port2],
        execArgv: [],
      });
      worker.unref();
      port1.unref();
      this.#helpers.push({ worker, port: port1 });
    }
  }
}
