import type { PluginUse } from '@tandem-rec/contract';
import { afterEach, describe } from 'vitest';
import type { TestEnvironmentChanges } from '../fixtures/test-environment.ts';
import { badInputChecks } from './bad-input-checks.ts';
import { knowledgeChecks } from './knowledge-checks.ts';
import { learningChecks } from './learning-checks.ts';
import { lessonChecks } from './lesson-checks.ts';
import { predictionChecks } from './prediction-checks.ts';
import { declared, Stage, type Declared, type ParticipantUse, type Setting } from './stage.ts';
import { stateChecks } from './state-checks.ts';

export interface ParticipantConformance<K extends 'domain-model' | 'language-model'> {
  /** The plugin with options that make it small and quick: it is created some dozens of times. */
  readonly use: PluginUse<K>;
  /** Changes to the environment it is created in, for example `modelsFolder`. */
  readonly environment?: TestEnvironmentChanges;
  /** Steps after which a participant must have learned from what it is shown again and again. Default 40. */
  readonly steps?: number;
  /** Why `rate` means nothing to it, for example because rows are solved for. Default: it obeys `rate`. */
  readonly rateless?: string;
}

/** What each group of checks works with. */
export interface Subject {
  readonly declared: Declared;
  readonly steps: number;
  readonly rateless: string | undefined;
  /** A new instance in a new world; closed after the test. */
  open(setting?: Omit<Setting, 'use' | 'environment'>): Promise<Stage>;
}

/**
 * The contract of a domain model, as tests. Call it in a vitest file. What a model does not declare to give or take is
 * skipped, with the reason.
 *
 * @example
 * ```ts
 * domainModelConformance({ use: myModel({ dim: 8 }) });
 * ```
 */
export const domainModelConformance = (conformance: ParticipantConformance<'domain-model'>): void =>
  participantConformance('DomainModel', conformance);

/** The contract of a language model, as tests; see `domainModelConformance`. */
export const languageModelConformance = (conformance: ParticipantConformance<'language-model'>): void =>
  participantConformance('LanguageModel', conformance);

function participantConformance(
  kind: string,
  {
    use,
    environment,
    steps = 40,
    rateless,
  }: Omit<ParticipantConformance<'domain-model'>, 'use'> & { readonly use: ParticipantUse },
): void {
  describe(`${use.id} conforms to ${kind}`, () => {
    const stages: Stage[] = [];
    afterEach(async () => {
      for (const stage of stages.splice(0)) await stage.close();
    });
    const subject: Subject = {
      declared: declared(use),
      steps,
      rateless,
      open: async (setting = {}) => {
        const stage = await Stage.open({ ...setting, use, environment });
        stages.push(stage);
        return stage;
      },
    };
    predictionChecks(subject);
    learningChecks(subject);
    lessonChecks(subject);
    stateChecks(subject);
    knowledgeChecks(subject);
    badInputChecks(subject);
  });
}
