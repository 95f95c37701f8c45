import { PROOF_MARK, SAMPLE_BYTES } from './proof-rom.js';

/** Ticks a second of the Intel 8254, in kHz. */
const PIT_KHZ = 1193.182;
const PIT_PERIOD = 65536;
/** What the two ends of the measurement may be off by together, as a part of its length. */
const MAX_ERROR = 500e-6;

interface Sample {
  /** TSC just before the counter was read. */
  readonly tsc: number;
  /** TSC ticks that reading it took. */
  readonly width: number;
  /** Of the counter, from its start upwards, modulo its period. */
  readonly pit: number;
}

function readSamples(output: Uint8Array): readonly Sample[] {
  const start = output.indexOf(PROOF_MARK) + 1;
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength);
  const samples: Sample[] = [];
  for (let at = start; start > 0 && at + SAMPLE_BYTES <= output.length; at += SAMPLE_BYTES) {
    samples.push({
      width: view.getUint32(at, true),
      tsc: view.getUint32(at + 4, true) + view.getUint32(at + 8, true) * 2 ** 32,
      pit: PIT_PERIOD - view.getUint16(at + 12, true),
    });
  }
  return samples;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function tightest(samples: readonly Sample[]): Sample | undefined {
  return samples.toSorted((a, b) => a.width - b.width)[0];
}

/**
 * The frequency of the TSC in kHz from what the proof's guest printed; undefined when a busy host disturbed it so much
 * that the answer could be off by more than 500 ppm.
 */
export function tscFrequency(output: Uint8Array): number | undefined {
  const samples = readSamples(output);
  if (samples.length < 32) return undefined;
  const gaps = samples.slice(1).map((sample, index) => {
    const before = samples[index] ?? sample;
    return { tsc: sample.tsc - before.tsc, pit: (sample.pit - before.pit + PIT_PERIOD) % PIT_PERIOD };
  });
  // A gap that was longer than the counter's period shows in its TSC, by the ratio that most gaps have.
  const ratio = median(gaps.map((gap) => gap.tsc / gap.pit));
  if (!Number.isFinite(ratio) || ratio <= 0) return undefined;
  const elapsed = [0];
  for (const gap of gaps) {
    const turns = Math.max(0, Math.round((gap.tsc / ratio - gap.pit) / PIT_PERIOD));
    elapsed.push((elapsed.at(-1) ?? 0) + gap.pit + turns * PIT_PERIOD);
  }
  const quarter = Math.floor(samples.length / 4);
  const first = tightest(samples.slice(0, quarter));
  const last = tightest(samples.slice(-quarter));
  if (!first || !last) return undefined;
  const ticks = (elapsed[samples.indexOf(last)] ?? 0) - (elapsed[samples.indexOf(first)] ?? 0);
  const span = last.tsc + last.width / 2 - (first.tsc + first.width / 2);
  if (ticks <= 0 || (first.width + last.width) / 2 > span * MAX_ERROR) return undefined;
  return (span / ticks) * PIT_KHZ;
}
