import { usageError } from '../errors.js';
import type { Profile } from '../model.js';
import { PROFILES } from '../profiles/table.js';
import { choices } from './nearest.js';

/**
 * The profile of this name.
 * @throws HarnessError `usage` `profile.unknown`, with the valid names
 */
export function findProfile(name: string): Profile {
  const found = PROFILES.find((profile) => profile.name === name);
  if (found) return found;
  const names = PROFILES.map((profile) => profile.name);
  throw usageError('profile.unknown', `there is no profile "${name}"`, { hint: choices(name, names) });
}
