declare const provides: unique symbol;

/** A typed name of an extension point. It shares its name with the interface it stands for. */
export type Token<T> = symbol & { readonly [provides]?: T };

/** `Symbol.for`: two copies of this package in one process mean the same extension point. */
export const token = <T>(name: string): Token<T> => Symbol.for(`@tandem-rec/contract/${name}`) as Token<T>;
