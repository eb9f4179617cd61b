import type { MessagePort, Worker } from 'node:worker_threads';
import { TandemError, type ErrorCode } from '@tandem-rec/contract';
import { plainData } from './plain-data.ts';

type Port = Pick<MessagePort | Worker, 'postMessage' | 'on'>;

/** What one side offers the other: asynchronous functions of plain data. */
export type Handlers = Readonly<Record<string, (...args: never[]) => unknown>>;

interface Request {
  readonly call: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly answer: number;
  readonly value?: unknown;
  readonly error?: SentError;
}

/** An error as it crosses threads: structured clone would lose code and remedy. */
interface SentError {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly remedy?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
}

/** Calls in both directions over one port of a worker thread. */
export class Rpc<Remote extends Handlers> {
  readonly #port: Port;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  #calls = 0;
  #closed: Error | undefined;

  constructor(port: Port, handlers: Handlers) {
    this.#port = port;
    port.on('message', (message: Request | Answer) => {
      if ('answer' in message) this.#settle(message);
      else void this.#serve(message, handlers);
    });
  }

  /** Calls the other side. Rejects with its error; a `TandemError` stays one. */
  call<M extends keyof Remote & string>(
    method: M,
    ...args: Parameters<Remote[M]>
  ): Promise<Awaited<ReturnType<Remote[M]>>> {
    if (this.#closed) return Promise.reject(this.#closed);
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve: resolve as (value: unknown) => void, reject });
      try {
        this.#port.postMessage({ call, method, args } satisfies Request);
      } catch (error) {
        this.#waiting.delete(call);
        reject(error as Error);
      }
    });
  }

  /** The other side is gone: whatever was asked is refused with `error`. */
  close(error: Error): void {
    this.#closed = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #settle({ answer, value, error }: Answer): void {
    const waiting = this.#waiting.get(answer);
    this.#waiting.delete(answer);
    if (error) waiting?.reject(received(error));
    else waiting?.resolve(value);
  }

  async #serve({ call, method, args }: Request, handlers: Handlers): Promise<void> {
    try {
      const handler = handlers[method];
      if (!handler) throw new Error(`There is no handler for ${method}.`);
      this.#port.postMessage({ answer: call, value: await handler(...(args as never[])) } satisfies Answer);
    } catch (error) {
      this.#port.postMessage({ answer: call, error: sent(error) } satisfies Answer);
    }
  }
}

/** An error made ready to cross threads. */
export function sent(error: unknown): SentError {
  if (TandemError.is(error))
    return {
      code: error.code,
      message: error.message,
      remedy: error.remedy,
      details: plainData(error.details),
    };
  return error instanceof Error
    ? { message: error.message, ...(error.stack && { stack: error.stack }) }
    : { message: String(error) };
}

/** The reverse of `sent`. */
export function received({ code, message, remedy, details, stack }: SentError): Error {
  if (code) return new TandemError(code, message, { ...(remedy && { remedy }), ...(details && { details }) });
  const error = new Error(message);
  if (stack) error.stack = stack;
  return error;
}
