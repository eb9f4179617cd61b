/** Turns texts into vectors that do not change: pretrained and frozen. */
export interface SentenceEncoder {
  /** Names the weights: encoders of the same id give the same vectors, and on one machine the same bits. */
  readonly id: string;
  readonly dim: number;
  /**
   * One vector a text, `texts.length × dim`. The bits of a vector depend on its text only, not on its neighbours.
   * Between batches it lets others run, and rejects with the reason of an aborted `signal`.
   */
  encode(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array>;
}
