import type { Environment, Part } from '@tandem-rec/contract';
import { ContainerModule, type ServiceIdentifier } from 'inversify';

/** How an instance is made of options and environment: a definition's `create` or `createSink`. */
export type Create<T> = (options: unknown, environment: Environment) => T | Promise<T>;

/** The binding of one part. */
export interface PartModule<T> {
  readonly module: ContainerModule;
  /** Resolves to the instance, asynchronously. */
  readonly key: ServiceIdentifier<T>;
}

/**
 * Binds a part's factory to its environment. Each part has keys of its own: names in inversify are constraints on one
 * key, which a part without a name would answer too.
 */
export function partModule<T>(part: Part, create: Create<T>, environment: Environment): PartModule<T> {
  const key = Symbol(part.name) as ServiceIdentifier<T>;
  const environmentKey = Symbol(`${part.name}: environment`) as ServiceIdentifier<Environment>;
  const module = new ContainerModule(({ bind }) => {
    bind(environmentKey).toConstantValue(environment);
    bind(key)
      .toResolvedValue((env) => create(part.options, env), [environmentKey])
      .inSingletonScope();
  });
  return { module, key };
}
