import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, type BaseMessage } from '@langchain/core/messages';
import type { ChatResult } from '@langchain/core/outputs';

/** What a model is shown, by role. */
export interface Shown {
  readonly role: string;
  readonly content: string;
}

type Answer = string | AIMessage | Error;

/** A LangChain chat model that does what a test says, and remembers what it was shown. */
export class ScriptedChat extends BaseChatModel {
  readonly calls: (readonly Shown[])[] = [];
  readonly #answer: (messages: readonly Shown[], call: number) => Answer | Promise<Answer>;

  constructor(answer: (messages: readonly Shown[], call: number) => Answer | Promise<Answer>) {
    super({});
    this.#answer = answer;
  }

  _llmType(): string {
    return 'scripted';
  }

  async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const shown = messages.map((message) => ({ role: message.getType(), content: message.text }));
    this.calls.push(shown);
    const answer = await this.#answer(shown, this.calls.length - 1);
    if (answer instanceof Error) throw answer;
    const message = typeof answer === 'string' ? new AIMessage(answer) : answer;
    return { generations: [{ text: message.text, message }] };
  }
}

/** What stands between the marks of the one data block of a conversation. */
export function dataOf(messages: readonly Shown[]): {
  readonly past?: readonly string[];
  readonly said?: readonly string[];
  readonly text?: string;
  readonly candidates?: readonly { readonly id: string; readonly text: string; readonly said?: readonly string[] }[];
} {
  const block = /<data>\n([^]*)\n<\/data>/.exec(messages[1].content);
  if (!block) throw new Error('There is no data block.');
  return JSON.parse(block[1]) as ReturnType<typeof dataOf>;
}

/** Grades as the prompt asks for them. */
export const graded = (grades: Readonly<Record<string, number>>): string =>
  JSON.stringify({ grades: Object.entries(grades).map(([id, grade]) => ({ id, grade })) });

/** A model that does its work: grades by the texts, writes a sentence about the data. */
export const capable = (): ScriptedChat =>
  new ScriptedChat((messages) => {
    const { past = [], text, candidates } = dataOf(messages);
    if (!candidates) return text === undefined ? `Enjoys ${past.join(', ')}.` : `About ${text}.`;
    return graded(Object.fromEntries(candidates.map((each) => [each.id, gradeOf(each.text, past)])));
  });

/** The same for the same texts: in 0 … 100. */
export const gradeOf = (text: string, past: readonly string[]): number =>
  [...text, ...past.join('')].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 101, 7);
