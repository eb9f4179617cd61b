/** What a failed call means for the next one. */
export interface Failure {
  readonly reason: string;
  /** The same call may succeed a moment later; or only this question was refused; or no call will succeed for now. */
  readonly kind: 'moment' | 'question' | 'model';
  /** How long the server asked to wait. */
  readonly retryAfterMs?: number;
}

/** What LangChain's providers throw, in their several shapes. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly status?: unknown;
  readonly response?: { readonly status?: unknown; readonly headers?: unknown };
  readonly headers?: unknown;
  readonly error?: { readonly code?: unknown };
}

const MOMENT = new Set([408, 409, 425, 429]);
/** Too long, against a policy, or not understood. */
const QUESTION = new Set([400, 413, 422]);

/** @param nowMs for a Retry-After that is a date */
export function failureOf(error: unknown, nowMs: number): Failure {
  const thrown = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Thrown;
  const status = [thrown.status, thrown.response?.status, thrown.code].map(Number).find((each) => each >= 100);
  const reason = `${status === undefined ? '' : `${status}: `}${thrown.message ?? thrown.name ?? 'no reason given'}`;
  const outOfQuota = [thrown.code, thrown.error?.code].includes('insufficient_quota');
  const kind =
    !outOfQuota && (status === undefined || status >= 500 || MOMENT.has(status))
      ? 'moment'
      : status !== undefined && QUESTION.has(status)
        ? 'question'
        : 'model';
  const retryAfterMs = readRetryAfter(thrown.headers ?? thrown.response?.headers, nowMs);
  return { reason, kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function readRetryAfter(headers: unknown, nowMs: number): number | undefined {
  const said =
    headers instanceof Headers
      ? headers.get('retry-after')
      : Object.entries((headers ?? {}) as Record<string, unknown>).find(
          ([name]) => name.toLowerCase() === 'retry-after',
        )?.[1];
  if (said === undefined || said === null || said === '') return undefined;
  const seconds = Number(said);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(said)) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
