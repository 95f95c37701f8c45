import { directoryProvider } from './directory.js';
import { distributionProvider } from './distribution.js';
import { gitProvider } from './git.js';
import { kernelOrgProvider } from './kernel-org.js';
import type { Provider } from './provider.js';
import { tarballProvider } from './tarball.js';

/** Where kernels come from, by the name that a source carries, in the order in which they are asked. */
export const PROVIDERS = {
  'kernel.org': kernelOrgProvider,
  debian: distributionProvider('debian'),
  ubuntu: distributionProvider('ubuntu'),
  tarball: tarballProvider,
  directory: directoryProvider,
  git: gitProvider,
} as const satisfies Readonly<Record<string, Provider>>;
