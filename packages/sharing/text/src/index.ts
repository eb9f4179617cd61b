export { profile } from './profile.ts';
export { profileOptions, type ProfileOptions } from './profile-options.ts';
export { verbalise } from './verbalise.ts';
export { verbaliseOptions, type VerbaliseOptions } from './verbalise-options.ts';
