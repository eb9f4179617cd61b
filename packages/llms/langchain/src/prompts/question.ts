/** One message of a conversation with a chat model. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What a chat model is asked. */
export interface Question {
  /** Name and version of the prompt, for example `rank@1`: with another wording old answers do not count. */
  readonly prompt: string;
  readonly messages: readonly Message[];
}
