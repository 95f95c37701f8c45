/**
 * The smallest guest: a firmware image that proves that code runs, and measures how fast the TSC counts by sampling it
 * around reads of the PIT (Intel 8254), whose frequency is known. It prints on COM1 and ends QEMU through isa-debug-exit.
 *
 * A /dev/kvm was seen that emulated every instruction: slow, and no kernel could boot on it, although simple code ran.
 * Hence the first instruction.
 *
 * Made from this source with `as --32` and `ld -m elf_i386 -Ttext 0 --oformat binary`:
 *
 *     .code16
 *             cli
 *             popcntl %eax, %eax          # KVM's emulator does not know it: only a real CPU gets past
 *             movw    $0x7000, %sp
 *             movb    $'R', %al
 *             call    put
 *             inb     $0x61, %al
 *             andb    $0xfd, %al          # gate of counter 2 on, speaker off
 *             orb     $0x01, %al
 *             outb    %al, $0x61
 *             movb    $0xb4, %al          # counter 2: mode 2, from 65536 down, again and again
 *             outb    %al, $0x43
 *             xorb    %al, %al
 *             outb    %al, $0x42
 *             outb    %al, $0x42
 *             movw    $256, %bp           # samples
 *     sample:
 *             rdtsc
 *             movl    %eax, %esi
 *             movl    %edx, %edi
 *             movb    $0x80, %al          # latch counter 2, read it
 *             outb    %al, $0x43
 *             inb     $0x42, %al
 *             movb    %al, %bl
 *             inb     $0x42, %al
 *             movb    %al, %bh
 *             rdtsc
 *             subl    %esi, %eax          # TSC ticks that this took
 *             call    put4
 *             movl    %esi, %eax          # TSC before, low and high
 *             call    put4
 *             movl    %edi, %eax
 *             call    put4
 *             movw    %bx, %ax            # the count
 *             call    put
 *             call    put
 *             movw    $20000, %cx
 *     1:      loopw   1b
 *             decw    %bp
 *             jnz     sample
 *             movw    $0x3fd, %dx
 *     2:      inb     %dx, %al
 *             testb   $0x40, %al          # all is sent
 *             jz      2b
 *             movb    $0x10, %al
 *             movw    $0xf4, %dx
 *             outb    %al, %dx
 *     3:      hlt
 *             jmp     3b
 *     put4:
 *             call    put
 *             call    put
 *             call    put
 *     put:
 *             pushw   %ax
 *             movw    $0x3fd, %dx
 *     4:      inb     %dx, %al
 *             testb   $0x20, %al          # the UART takes a byte
 *             jz      4b
 *             popw    %ax
 *             movw    $0x3f8, %dx
 *             outb    %al, %dx
 *             shrl    $8, %eax
 *             retw
 */
const CODE =
  'fa66f30fb8c0bc0070b052e86700e46124fd0c01e661b0b4e64330c0e642e642bd00010f316689c66689d7b080e643e44288c3e44288c70f3166' +
  '29f0e82d006689f0e827006689f8e8210089d8e82500e82200b9204ee2fe4d75c8bafd03eca84074fbb010baf400eef4ebfde80600e80300e800' +
  '0050bafd03eca82074fb58baf803ee66c1e808c3';

const ROM_BYTES = 65536;
/** Where an x86 CPU starts: 16 bytes before the end of the ROM. */
const RESET_OFFSET = ROM_BYTES - 16;

/** QEMU's exit code when the guest reached its end: isa-debug-exit gives `value << 1 | 1`. */
export const PROOF_EXIT_CODE = 0x21;
/** What isa-debug-exit has to be told for that. */
export const PROOF_EXIT_DEVICE = 'isa-debug-exit,iobase=0xf4,iosize=0x4';
/** The first byte that it prints. */
export const PROOF_MARK = 0x52;
export const SAMPLE_BYTES = 14;

/** The image for QEMU's `-bios`. */
export function proofRom(): Uint8Array {
  const rom = new Uint8Array(ROM_BYTES);
  rom.set(Buffer.from(CODE, 'hex'));
  const jump = (ROM_BYTES - (RESET_OFFSET + 3)) & 0xffff;
  rom.set([0xe9, jump & 0xff, jump >> 8], RESET_OFFSET);
  return rom;
}
