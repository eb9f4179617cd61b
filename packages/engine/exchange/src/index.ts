export { beliefsOf, lessonOf, whereTeacherKnowsBetter, type Beliefs } from './beliefs.ts';
export { lessonCandidates } from './lesson-candidates.ts';
export { TextPrior } from './text-prior.ts';
