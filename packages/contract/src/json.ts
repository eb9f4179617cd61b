/** Anything `JSON.stringify` writes and `JSON.parse` gives back unchanged. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
