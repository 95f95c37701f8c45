import type { Context } from '../context.js';
import { HarnessError } from '../errors.js';
import { lineOf } from '../kernel/source-version.js';
import type { Series } from '../model.js';
import { readAsked, versionIn, type JudgeRequest } from '../request.js';
import type { Gathered } from '../series/gather.js';
import { parseKernelSpec } from '../spec/kernel-spec.js';

/** Tells the series as it is for a kernel; undefined where only the kernel itself tells its version. */
export type SeriesReader = (kernel: string) => Promise<Series | undefined>;

/**
 * Reads the series of a request for any kernel, each version of it once. Most are the same for every kernel; one with a `series.yaml` has
 * patches for each line.
 */
export function openSeriesReader(ctx: Context, request: JudgeRequest): SeriesReader {
  const kept = new Map<string, Gathered>();
  const read = new Map<string, Promise<Series>>();
  const once = (version: string): Promise<Series> => {
    const found = read.get(version) ?? readAsked(ctx, request, version, kept);
    read.set(version, found);
    return found;
  };
  return async (kernel) => {
    const version = versionIn(parseKernelSpec(kernel));
    try {
      return await once(ANY);
    } catch (thrown) {
      if (!(thrown instanceof HarnessError) || thrown.code !== 'series.no-base') throw thrown;
    }
    return version === undefined ? undefined : once(lineOf(version) ?? version);
  };
}

/** No series has patches for a line of this name: what does not name lines is read all the same. */
const ANY = '';
