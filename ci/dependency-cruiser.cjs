/** The direction of imports: a stage knows the values and the seam, never a later stage, a command or the terminal. */
const STAGES = ['spec', 'kernel', 'series', 'guest', 'vm', 'results', 'verdict', 'evidence', 'report', 'store', 'host', 'arch', 'profiles'];

function only(from, allowed) {
  return {
    name: `${from}-imports`,
    severity: 'error',
    comment: `${from}/ may import from itself, the shared values and: ${allowed.join(', ') || 'nothing else'}`,
    from: { path: `^harness/${from}/` },
    to: { path: '^harness/[^/]+/', pathNot: `^harness/(${[from, ...allowed].join('|')})/` },
  };
}

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('store', []),
    only('host', ['store']),
    only('spec', ['profiles', 'store']),
    only('profiles', []),
    only('arch', []),
    only('kernel', ['store', 'host', 'spec']),
    only('series', ['store', 'host', 'spec', 'kernel']),
    only('results', []),
    only('guest', ['store', 'host', 'kernel']),
    only('vm', ['store', 'host', 'arch', 'guest']),
    only('verdict', ['results']),
    only('evidence', ['store']),
    // Of the store a report has digests alone: the rest of it has effects.
    only('report', ['evidence', 'terminal', 'verdict', 'spec', 'store(?=/digest\\.)']),
    only('terminal', ['host', 'spec']),
    {
      name: 'stages-do-not-compose',
      severity: 'error',
      comment: 'Only the pipeline composes stages; only commands and main start it.',
      from: { path: `^harness/(${STAGES.join('|')})/` },
      to: { path: '^harness/(pipeline|session|main|cli|stages|commands/.*)' },
    },
    {
      name: 'pure-decisions',
      severity: 'error',
      comment: 'Parsers and decisions have no effects.',
      from: { path: '^harness/(verdict|results|report|profiles|arch)/' },
      to: { path: '^(node:)?(fs|child_process|net|http|https)' },
    },
    {
      name: 'one-seam',
      severity: 'error',
      comment: 'Files, processes and the network are reached through Effects.',
      from: { path: '^harness/', pathNot: '^harness/(host/real-|main|effects)' },
      to: { path: '^(node:)?(child_process|net|http|https|fs/promises)|^execa|node_modules/execa', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: { tsConfig: { fileName: 'tsconfig.json' }, tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};
