import type { Profile } from '../model.js';
import { compat } from './compat.js';
import { kasan } from './kasan.js';
import { kmemleak } from './kmemleak.js';
import { lockdep } from './lockdep.js';
import { plain } from './plain.js';
import { smp } from './smp.js';

/** Every profile there is. A new one is one file and one line here. */
export const PROFILES: readonly Profile[] = [plain, smp, lockdep, kasan, kmemleak, compat];
