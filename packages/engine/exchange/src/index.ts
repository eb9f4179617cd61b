export { beliefsOf, lessonOf, whereTeacherKnowsBetter, type Beliefs } from './beliefs.ts';
export { lessonCandidates } from './lesson-candidates.ts';
export { savedFloats, TextPrior } from './text-prior.ts';
export { Schedule, scheduleOptions, type ScheduleOptions, type Turn } from './schedule.ts';
