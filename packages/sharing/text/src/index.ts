export { profile } from './profile.ts';
export { profileOptions, type ProfileOptions } from './profile-options.ts';
