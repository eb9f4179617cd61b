/** One thing that `tandem doctor` looked at. */
export interface Finding {
  readonly area: 'machine' | 'tensors' | 'folders' | 'plugins' | 'kafka';
  readonly name: string;
  /** `missing`: Tandem runs without it. `broken`: something required, or asked for, does not work. */
  readonly state: 'ok' | 'missing' | 'broken';
  /** What was found, or why it was not. */
  readonly found: string;
  /** What it would bring and how to get it; for what is not there. */
  readonly brings?: string;
  /** The same for programs. */
  readonly facts?: Readonly<Record<string, unknown>>;
}
