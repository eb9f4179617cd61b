const HIDDEN = '<redacted>';

/** What looks like a key, whoever put it there: providers quote parts of keys in their messages. */
const KEYS = [/\b(sk|pk|gsk|xai|hf|key)[-_][\w*-]{6,}/gi, /\bAIza[\w-]{10,}/g, /\b(Bearer|Basic)\s+[\w.~+/=*-]+/gi];

/** Servers that ask for no key are given words like `none`, which are no secrets. */
const SHORTEST = 6;

/** Makes a function that hides the given secrets, and what looks like one, in a text for people. */
export const redactor =
  (secrets: readonly string[]) =>
  (text: string): string => {
    const known = secrets
      .filter((secret) => secret.length >= SHORTEST)
      .reduce((said, secret) => said.replaceAll(secret, HIDDEN), text);
    return KEYS.reduce((said, pattern) => said.replace(pattern, HIDDEN), known);
  };

export type Redact = ReturnType<typeof redactor>;
