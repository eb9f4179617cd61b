import { TandemError, z } from '@tandem-rec/contract';
import type { Gateway } from '../exchanges/gateway.ts';
import { repairQuestion } from '../prompts/repair.ts';
import type { Question } from '../prompts/question.ts';

/**
 * Asks for JSON and reads it by our schema, whatever the provider promises; what cannot be read is told to the model once.
 * Throws `TANDEM_MODEL_ANSWER_INVALID`, and what the gateway throws.
 */
export async function askFor<S extends z.ZodType>(
  gateway: Gateway,
  question: Question,
  schema: S,
): Promise<z.output<S>> {
  const first = await gateway.chat(question);
  const read = readAnswer(first, schema);
  if (read.success) return read.data;
  const second = readAnswer(await gateway.chat(repairQuestion(question, first, read.problem)), schema);
  if (second.success) return second.data;
  throw new TandemError(
    'TANDEM_MODEL_ANSWER_INVALID',
    `The answer to ${question.prompt} cannot be used, not even the second: ${second.problem}.`,
    { details: { prompt: question.prompt, problem: second.problem } },
  );
}

type Read<T> = { readonly success: true; readonly data: T } | { readonly success: false; readonly problem: string };

/** The JSON object in an answer, fenced or with words around it, if it fits the schema. The problem never quotes the answer. */
function readAnswer<S extends z.ZodType>(answer: string, schema: S): Read<z.output<S>> {
  const [from, to] = [answer.indexOf('{'), answer.lastIndexOf('}')];
  if (from < 0 || to < from) return { success: false, problem: 'there is no JSON object in it' };
  let value: unknown;
  try {
    value = JSON.parse(answer.slice(from, to + 1));
  } catch {
    return { success: false, problem: 'it is not valid JSON, or it was cut off' };
  }
  const read = schema.safeParse(value);
  if (read.success) return { success: true, data: read.data };
  const { path, message } = read.error.issues[0];
  return { success: false, problem: `${path.length === 0 ? '' : `${path.join('.')}: `}${message.replace(/\.$/, '')}` };
}
