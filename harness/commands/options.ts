import { z } from 'zod';

export const accelSchema = z.enum(['auto', 'kvm', 'tcg']);
export const sandboxSchema = z.enum(['auto', 'required', 'off']);
