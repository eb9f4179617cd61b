/**
 * Every error a user can meet, once: what it means and what to do. `docs/errors.md` is generated from this table.
 * Codes are stable: tools and scripts may rely on them.
 */
export const ERRORS = {
  TANDEM_CONFIG_NOT_FOUND: {
    summary: 'The configuration file does not exist.',
    remedy: 'Check the path, or leave it out to use the embedded default.',
  },
  TANDEM_CONFIG_UNREADABLE: {
    summary: 'The configuration file could not be read or evaluated.',
    remedy: 'Fix the syntax error that the message shows.',
  },
  TANDEM_CONFIG_INVALID: {
    summary: 'The configuration has errors.',
    remedy: 'Each line names path, what was received and what is allowed; fix them together.',
  },
  TANDEM_CONFIG_UNKNOWN_OPTION: {
    summary: 'An option does not exist.',
    remedy: 'Use one of the allowed names; the nearest one is suggested.',
  },
  TANDEM_CONFIG_WRONG_VALUE: {
    summary: 'An option has a value that is not allowed.',
    remedy: 'Use a value of the kind that the message names.',
  },
  TANDEM_CONFIG_UNKNOWN_PLUGIN: {
    summary: 'No installed plugin has this name.',
    remedy: 'Install the package that provides it, or correct the name; the nearest one is suggested.',
  },
  TANDEM_CONFIG_WRONG_PLUGIN_KIND: {
    summary: 'A plugin of another kind stands here.',
    remedy: 'Use a plugin of the kind that the place asks for.',
  },
  TANDEM_CONFIG_MISSING_SECRET: {
    summary: 'An environment variable that a secret refers to is not set.',
    remedy: 'Set the variable, or correct the reference.',
  },
  TANDEM_PLUGIN_INCOMPATIBLE: {
    summary: 'A plugin was written for another version of the contract.',
    remedy: 'Install a version of the plugin that fits this contract.',
  },
  TANDEM_PLUGIN_UNREADABLE: {
    summary: 'The code of a plugin could not be loaded.',
    remedy: 'The cause is named; install the plugin again, or report it to its author.',
  },
  TANDEM_COMPOSE_MISSING_CAPABILITY: {
    summary: 'A participant does not give or take what the sharing strategy needs.',
    remedy: 'Choose a participant that does, or a strategy that fits those you have; the message names both.',
  },
  TANDEM_COMPOSE_MISSING_TABLE: {
    summary: 'The sharing strategy opens a table that no participant brings.',
    remedy: 'Choose a participant that brings it, or another strategy.',
  },
  TANDEM_COMPOSE_DUPLICATE_NAME: {
    summary: 'Two parts of the composition have the same name.',
    remedy: 'Give one of them a name of its own with `as`.',
  },
  TANDEM_COMPOSE_WIDTHS_DIFFER: {
    summary: 'Vectors of one participant do not have the width that another needs.',
    remedy: 'Give both the same width, or choose a sharing strategy that projects.',
  },
  TANDEM_START_TIMEOUT: {
    summary: 'A component did not start within its limit.',
    remedy: 'See what it waits for in the log, or raise `limits.startMs`.',
  },
  TANDEM_START_FAILED: {
    summary: 'A component failed to start.',
    remedy: 'The cause is named; fix it and start again.',
  },
  TANDEM_STOP_FAILED: {
    summary: 'A component failed to stop.',
    remedy: 'The rest was stopped; look at the component named.',
  },
  TANDEM_STOP_TIMEOUT: {
    summary: 'A component did not stop within its budget.',
    remedy: 'The rest was stopped; look at the component named.',
  },
  TANDEM_TABLE_ACCESS: {
    summary: 'A participant used a shared table beyond what it was granted.',
    remedy: 'Ask for the access in the strategy’s grants, or do not write to the table.',
  },
  TANDEM_SOURCE_OFFSET_OUT_OF_RANGE: {
    summary: 'The position to resume from is not in the source.',
    remedy: 'The records were deleted or the source is another one: restore it, or start a new run.',
  },
  TANDEM_SOURCE_AUTHENTICATION: {
    summary: 'The source refused the credentials.',
    remedy: 'Check user, password and mechanism.',
  },
  TANDEM_SOURCE_READ_ONLY: {
    summary: 'This kind of source cannot be written by Tandem.',
    remedy: 'Write to a source that has a writing end, for example the event log or Kafka.',
  },
  TANDEM_SOURCE_TLS: {
    summary: 'No trusted TLS connection to the source.',
    remedy: 'Name the authority that signed the source’s certificate (`ssl.ca`), and check host name and date.',
  },
  TANDEM_SOURCE_UNREADABLE: { summary: 'The source cannot be read.', remedy: 'Check the path and its permissions.' },
  TANDEM_SOURCE_UNWRITABLE: {
    summary: 'The source cannot be written.',
    remedy: 'Check the path, its permissions and the space left.',
  },
  TANDEM_SOURCE_UNKNOWN_TOPIC: { summary: 'The topic does not exist.', remedy: 'Create it, or correct the name.' },
  TANDEM_RECORD_MALFORMED: {
    summary: 'A record is not JSON.',
    remedy: 'Look at it in the dead letters, and mend the producer.',
  },
  TANDEM_RECORD_INVALID: {
    summary: 'A record lacks a field or has one of the wrong kind.',
    remedy: 'Look at it in the dead letters, and mend the producer.',
  },
  TANDEM_RECORD_ABSURD_TIME: {
    summary: 'The time of a record cannot be true.',
    remedy: 'Times are milliseconds since 1970 or ISO 8601; mend the producer, or set `training.time`.',
  },
  TANDEM_DATASET_MISSING: {
    summary: 'A dataset is not where it was looked for.',
    remedy: 'Set its `folder`, or TANDEM_DATA.',
  },
  TANDEM_DATASET_UNREADABLE: {
    summary: 'A dataset’s file could not be read.',
    remedy: 'Check its format against the reader’s documentation.',
  },
  TANDEM_DATASET_NO_SPLIT: {
    summary: 'A dataset lacks what the split needs: times, an order, or parts of its own.',
    remedy: 'Choose another `evaluation.split.by`.',
  },
  TANDEM_DATASET_DOWNLOAD: {
    summary: 'A dataset could not be fetched, or what came is not what was expected.',
    remedy: 'Fetch and unpack it yourself, and set its `folder`.',
  },
  TANDEM_DATASET_EMPTY: {
    summary: 'A dataset has no usable interactions.',
    remedy: 'Check the filters and the column map.',
  },
  TANDEM_DATASET_LEAK: {
    summary: 'The data holds the answers of its own test.',
    remedy: 'Mend the data as the finding says; --despite-leaks goes on nevertheless.',
  },
  TANDEM_MODEL_WEIGHTS_MISSING: {
    summary: 'The weights of a model are not where they were looked for.',
    remedy: 'Set the folder, or TANDEM_MODELS; or use an encoder without weights.',
  },
  TANDEM_MODEL_WEIGHTS_INVALID: {
    summary: 'A weight file is damaged or does not fit its configuration.',
    remedy: 'Fetch it again; file and tensor are named.',
  },
  TANDEM_MODEL_DOWNLOAD: {
    summary: 'A model could not be fetched, or what came is not what was expected.',
    remedy: 'Try again: it goes on where it stopped; or fetch its folder yourself and name it.',
  },
  TANDEM_MODEL_RUNTIME_MISSING: {
    summary: 'The package that should run a local model is not installed, or does not run on this machine.',
    remedy: 'Install it as the message says, or choose another engine.',
  },
  TANDEM_MODEL_PROVIDER_MISSING: {
    summary: 'The package that speaks to a hosted model is not installed, or there is none for that provider.',
    remedy: 'Install the package that the message names, beside your configuration.',
  },
  TANDEM_MODEL_UNAVAILABLE: {
    summary: 'A hosted model does not answer, or refuses to.',
    remedy:
      'See the reason in the message: address, key, quota or outage. A run goes on without it and asks again later.',
  },
  TANDEM_MODEL_ANSWER_INVALID: {
    summary: 'A hosted model did not answer in the form that was asked for, not even when told what was wrong.',
    remedy: 'Take a more capable model, or fewer candidates a call. A run goes on without the answer.',
  },
  TANDEM_BUDGET_SPENT: {
    summary: 'The budget for hosted models is spent.',
    remedy: 'Raise it, or wait for the next day. A run goes on without the model.',
  },
  TANDEM_EXCHANGE_NOT_RECORDED: {
    summary: 'A replay met a question to a hosted model that is not in the recording.',
    remedy: 'Record again with `exchanges.mode: record`: configuration, prompts and data have to be the same.',
  },
  TANDEM_STATE_MISMATCH: {
    summary: 'A saved state does not fit the component.',
    remedy: 'Use the composition that wrote it, or start a new run.',
  },
  TANDEM_RUN_LOCKED: {
    summary: 'Another process is writing this run.',
    remedy: 'Stop it, or use another run directory.',
  },
  TANDEM_TRAINING_KILLED: {
    summary: 'The process of a training was ended from outside.',
    remedy:
      'Where nobody did it, memory ran out: train fewer at once (`--jobs 1`). What was finished is kept, run it again.',
  },
  TANDEM_RUN_UNWRITABLE: {
    summary: 'The run directory cannot be created or written.',
    remedy: 'Choose another folder, free space or mend permissions.',
  },
  TANDEM_RUN_NOT_FOUND: {
    summary: 'There is no run with a checkpoint here.',
    remedy: 'Start one with `tandem start`, or correct the directory.',
  },
  TANDEM_CHECKPOINT_WRITE: {
    summary: 'A checkpoint could not be written; the older ones are intact.',
    remedy: 'Free space or mend permissions; the run can be resumed.',
  },
  TANDEM_CHECKPOINT_OTHER_COMPOSITION: {
    summary: 'The checkpoint belongs to another composition.',
    remedy: 'Use the composition it was written by (the difference is named), or another run directory.',
  },
  TANDEM_JOURNAL_WRITE: {
    summary: 'The journal could not be written; nothing was trained beyond it.',
    remedy: 'Free space or mend permissions, then start again.',
  },
  TANDEM_DEAD_LETTER_WRITE: {
    summary: 'A bad record could not be put aside with its reason.',
    remedy: 'Free space or mend permissions, then start again: the record will be met again.',
  },
  TANDEM_JOURNAL_MISMATCH: {
    summary: 'The source does not hold what the journal says was read.',
    remedy: 'The source was changed after it was read: start a new run, or restore it.',
  },
  TANDEM_VECTORS_INVALID: {
    summary: 'Vectors of items or users do not fit what they are about: too few, not finite, or all zero.',
    remedy:
      'Make them again from the catalogue that is in use, one vector a row, and see whether their model is the right one.',
  },
  TANDEM_NOT_FINITE: {
    summary: 'A model produced a number that is not finite.',
    remedy: 'Lower its learning rate; the last checkpoint is intact.',
  },
  TANDEM_NOT_POSITIVE_DEFINITE: {
    summary: 'A matrix that has to be inverted is not positive definite.',
    remedy: 'Raise the regularisation that is added to its diagonal, or see whether the data is finite.',
  },
  TANDEM_MEMORY_TOO_SMALL: {
    summary: 'What was asked for needs more memory than the machine has free.',
    remedy:
      'Leave out rare items or users, take a smaller or another model, or a machine with the memory that the message names.',
  },
  TANDEM_BACKEND_UNAVAILABLE: {
    summary: 'The tensor backend that was asked for is not there.',
    remedy: 'Leave `backend` out to use the best one present; `tandem doctor` shows them.',
  },
  TANDEM_USER_UNKNOWN: {
    summary: 'Nothing was learned about this user.',
    remedy: 'Check the id; new users get the recommendations for a user without history.',
  },
  TANDEM_CLI_USAGE: { summary: 'The command line was not understood.', remedy: 'See --help of the command.' },
  TANDEM_CLI_EXISTS: { summary: 'The target exists already.', remedy: 'Choose another name, or remove it first.' },
} as const satisfies Record<string, { readonly summary: string; readonly remedy: string }>;

/** A code of the one table. */
export type ErrorCode = keyof typeof ERRORS;

const MARK = Symbol.for('@tandem-rec/contract/TandemError');

/** An error that is part of the API: a code of the table, a message that says what was met, and what to do. */
export class TandemError extends Error {
  readonly code: ErrorCode;
  /** What to do, from the table unless the place knows better. */
  readonly remedy: string;
  /** Facts for `--json`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      readonly cause?: unknown;
      readonly remedy?: string;
      readonly details?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'TandemError';
    this.code = code;
    this.remedy = more.remedy ?? ERRORS[code].remedy;
    this.details = more.details ?? {};
    Object.defineProperty(this, MARK, { value: true });
  }

  /** True for errors of this class from any copy of this package. */
  static is(error: unknown): error is TandemError {
    return error instanceof Error && MARK in error;
  }
}
