import { describe, expect, it } from 'vitest';
import { proofRom, SAMPLE_BYTES } from '../../../harness/vm/proof-rom.js';
import { tscFrequency } from '../../../harness/vm/tsc-frequency.js';

const PIT_HZ = 1_193_182;

interface Moment {
  /** Seconds from the start. */
  readonly at: number;
  /** Seconds that reading the counter took. */
  readonly takes: number;
}

/** What the guest prints when its TSC counts at `hz` and it looks at its clocks at these moments. */
function printed(hz: number, moments: readonly Moment[]): Uint8Array {
  const out = Buffer.alloc(1 + moments.length * SAMPLE_BYTES);
  out.write('R');
  moments.forEach(({ at, takes }, index) => {
    const offset = 1 + index * SAMPLE_BYTES;
    const tsc = BigInt(Math.round(at * hz)) + (1n << 40n);
    const ticks = Math.floor((at + takes / 2) * PIT_HZ) % 65536;
    out.writeUInt32LE(Math.round(takes * hz), offset);
    out.writeBigUInt64LE(tsc, offset + 4);
    out.writeUInt16LE((65536 - ticks) % 65536, offset + 12);
  });
  return out;
}

const steady = Array.from({ length: 256 }, (_, index): Moment => ({ at: index * 0.0005, takes: 3e-6 }));

describe('tscFrequency', () => {
  it.each([1e9, 2.6e9, 5.1e9])('finds %d Hz to 100 ppm', (hz) => {
    expect(Math.abs((tscFrequency(printed(hz, steady)) ?? 0) / (hz / 1000) - 1)).toBeLessThan(100e-6);
  });

  it('stands a host that takes the CPU away, for longer than the counter goes round', () => {
    let lost = 0;
    const disturbed = steady.map(({ at }, index): Moment => {
      if (index === 90 || index === 170) lost += 0.2;
      return { at: at + lost, takes: index % 3 === 0 ? 3e-6 : 400e-6 };
    });
    expect(Math.abs((tscFrequency(printed(2.6e9, disturbed)) ?? 0) / 2.6e6 - 1)).toBeLessThan(100e-6);
  });

  it('gives no answer rather than one that is off', () => {
    expect(tscFrequency(printed(2.6e9, steady.map(({ at }) => ({ at, takes: 400e-6 }))))).toBeUndefined();
    expect(tscFrequency(printed(2.6e9, steady.slice(0, 20)))).toBeUndefined();
    expect(tscFrequency(new Uint8Array())).toBeUndefined();
    expect(tscFrequency(Buffer.alloc(5000, 'R'))).toBeUndefined();
  });
});

describe('proofRom', () => {
  it('is a ROM that starts with a jump to its first byte', () => {
    const rom = Buffer.from(proofRom());
    expect(rom.length).toBe(65536);
    expect(rom[65520]).toBe(0xe9);
    expect((65520 + 3 + rom.readUInt16LE(65521)) & 0xffff).toBe(0);
  });
});
