// Which folder may import which. ARCHITECTURE.md draws it; this holds it.
const domain = ['workspace', 'cache', 'locks', 'relay', 'reporters', 'metrics'];
/** What each folder may import besides itself. */
const allowed = {
  'src/system': [],
  'src/model': ['src/system'],
  ...Object.fromEntries(domain.map((name) => [`src/${name}`, ['src/model', 'src/system']])),
  gates: ['src/model', 'src/system'],
  agents: ['src/model', 'src/system'],
  'src/installer': ['agents', 'src/model', 'src/system'],
  workers: ['gates', 'src/locks', 'src/model', 'src/system'],
  'src/orchestrator': ['src/model', 'src/system', ...domain.map((name) => `src/${name}`)],
  'src/runner': ['gates', 'src/model', 'src/system', 'workers', ...domain.map((name) => `src/${name}`)],
};

allowed['src/daemon'] = ['src/runner', 'src/orchestrator', 'src/model', 'src/system', ...domain.map((name) => `src/${name}`)];
// The thin client of the daemon is what asks for hooks, too.
allowed['src/hooks'] = ['src/daemon', 'src/runner', 'src/orchestrator', 'src/model', 'src/system', ...domain.map((name) => `src/${name}`)];

const rules = Object.entries(allowed).map(([from, to]) => ({
  name: `${from.replace('src/', '')}-imports`,
  comment: `${from} may import only ${[from, ...to].join(', ')}`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: '^(src|gates|agents|workers|bench|test)/', pathNot: [from, ...to].map((folder) => `^${folder}/`) },
}));

module.exports = {
  forbidden: [
    // Types may refer to each other in a circle; modules that run may not.
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'gates-apart',
      comment: 'what gates share lives in gates/engines',
      severity: 'error',
      from: { path: '^gates/([^/]+)/', pathNot: '^gates/engines/' },
      to: { path: '^gates/[^/]+/', pathNot: ['^gates/$1/', '^gates/engines/'] },
    },
    { name: 'engines-below-gates', severity: 'error', from: { path: '^gates/engines/' }, to: { path: '^gates/', pathNot: '^gates/engines/' } },
    { name: 'cli-is-the-top', severity: 'error', from: { pathNot: '^src/cli\\.ts$' }, to: { path: '^src/cli\\.ts$' } },
    { name: 'commands-below-cli', severity: 'error', from: { path: '^(src|gates|agents|workers)/', pathNot: ['^src/commands/', '^src/cli\\.ts$'] }, to: { path: '^src/commands/' } },
    { name: 'no-test-code', severity: 'error', from: { path: '^(src|gates|agents|workers)/' }, to: { path: '^test/' } },
    ...rules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
