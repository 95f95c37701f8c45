import { join } from 'node:path';
import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import type { SourceCheck } from '../model.js';
import { exists } from './source-records.js';

const NAME = 'signature of sha256sums.asc';
const GPG_MS = 20_000;

/** What gpg made of a signature: the check for the report, and the text that was signed when it was made. */
export interface SignatureCheck {
  readonly check: SourceCheck;
  readonly text: string | undefined;
}

/**
 * Checks a cleartext signature with the user's own key ring, which is not changed.
 * @param signers fingerprints of the primary keys that count; a good signature by another key proves nothing
 * @throws HarnessError `host` `source.signature` when the text is not what one of these keys signed
 */
export async function checkSignature(ctx: Context, message: string, signers: readonly string[]): Promise<SignatureCheck> {
  const { env } = ctx.effects;
  const ring = env['GNUPGHOME'] || join(env['HOME'] ?? '/nonexistent', '.gnupg');
  // gpg would make the folder.
  if (!(await exists(ctx, ring))) return notMade(`gpg has no key ring at ${ring}`, signers);
  const done = await ctx.effects.processes
    .run({
      file: 'gpg',
      args: [...QUIET_GPG, '--status-fd', '2', '--output', '-', '--decrypt'],
      input: message,
      env: { ...env, LC_ALL: 'C' },
      timeoutMs: GPG_MS,
    })
    .catch(() => undefined);
  if (!done) return notMade('gpg is not on this machine', signers);
  const verdict = readStatus(done.stderr, signers);
  if (verdict.kind === 'bad') {
    throw hostError('source.signature', `sha256sums.asc is not what its signature says: ${verdict.reason}`, {
      output: done.stderr,
      hint: 'do not use this mirror; try again later, or another source: --kernel debian:6.12',
    });
  }
  if (verdict.kind === 'unproven') return notMade(verdict.reason, signers);
  return { check: { name: NAME, made: true, detail: `gpg: good, by ${verdict.signer}` }, text: done.stdout };
}

/** No terminal, no agent, no trust database, no locks, nothing fetched. */
const QUIET_GPG: readonly string[] = [
  '--batch',
  '--no-tty',
  '--no-autostart',
  '--lock-never',
  '--trust-model=always',
  '--no-auto-check-trustdb',
  '--no-auto-key-retrieve',
];

type SignatureVerdict =
  | { readonly kind: 'good'; readonly signer: string }
  | { readonly kind: 'unproven'; readonly reason: string }
  | { readonly kind: 'bad'; readonly reason: string };

/** Reads gpg's status lines (GnuPG doc/DETAILS): VALIDSIG ends with the fingerprint of the primary key. */
export function readStatus(status: string, signers: readonly string[]): SignatureVerdict {
  const lines = status.split('\n').flatMap((line) => (line.startsWith('[GNUPG:] ') ? [line.slice('[GNUPG:] '.length).split(' ')] : []));
  const has = (keyword: string): boolean => lines.some(([first]) => first === keyword);
  if (has('BADSIG')) return { kind: 'bad', reason: 'gpg says BADSIG' };
  if (has('REVKEYSIG')) return { kind: 'bad', reason: 'its key is revoked' };
  if (has('NO_PUBKEY')) return { kind: 'unproven', reason: 'gpg does not have the key' };
  const valid = lines.filter(([first]) => first === 'VALIDSIG');
  const signer = valid[0]?.at(-1);
  if (valid.length !== 1 || signer === undefined || !has('GOODSIG')) return { kind: 'unproven', reason: 'gpg finds no good signature with a key that is still valid' };
  if (!signers.includes(signer)) return { kind: 'unproven', reason: `it is signed by ${signer}, which is no key of kernel.org's` };
  return { kind: 'good', signer };
}

function notMade(reason: string, signers: readonly string[]): SignatureCheck {
  return { check: { name: NAME, made: false, detail: `${reason}; the key is ${signers.join(' or ')}, and gpg --locate-keys autosigner@kernel.org gets it` }, text: undefined };
}
