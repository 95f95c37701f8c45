import type { Profile } from '../model.js';

export const plain: Profile = {
  name: 'plain',
  description: 'one CPU, nothing but what the suite needs: the fastest loop',
  config: '',
  makeVariables: [],
  cpus: 1,
  memoryMiB: 256,
  append: [],
  slowness: 1,
  leakScan: false,
  objects: 640,
};
