/** Every bound of the product, each with its reason. Units are in the names. */
export const LIMITS = {
  /** More rows than this cannot be read as a matrix, and cannot be meant. */
  teamsMax: 64,
  /** A text file larger than this is generated; parsers would take minutes and gigabytes. */
  fileBytesMax: 5 * 1024 * 1024,
  /** Kept of one tool's stdout and stderr each: more than any report needs, and harmless for memory. */
  outputBytesMax: 16 * 1024 * 1024,
  /** A tool that was told to stop gets this long before it is killed. */
  terminateGraceMs: 2_000,
  /** A worker whose check was cancelled gets this long to come back before it is terminated. */
  workerGraceMs: 4_000,
  /** Nothing of ours waits longer than this for a thread lock: the longest default time limit. */
  threadLockWaitMs: 30 * 60_000,
  /** A worker that died is replaced, and its lane's remaining checks are tried again, this often a run. */
  workerRestartsMax: 16,
  /** Of a thread's memory, what it may still hold after a run if it is to be kept: the next run needs room beside it. */
  keptHeapShare: 0.6,
  /** A configuration file that is a program is loaded within this, or it hangs. */
  configLoadMs: 15_000,
  /** Memory of the thread that loads it. */
  configHeapMegabytesMax: 512,
  /** Kept of one finding's message: a diff of two large objects is read at its ends. */
  findingCharsMax: 8_000,
  /** Code frames and details shown by the pretty reporter for one team × gate. */
  findingsShownMax: 20,
  /** Teams at work at once when nobody says otherwise: the specification's four. */
  parallelTeamsDefault: 4,
  /** At most: each is an agent with tools of its own, and nobody follows more. */
  parallelTeamsMax: 16,
  /** Tasks of one session: each is looked at with each other for conflicts. */
  sessionTasksMax: 1_000,
  /** The specification's max_retries: a fourth try has never mended what three did not. */
  retriesMax: 3,
  /** A task whose teams were lost this often breaks them; giving it to another would only lose that one too. */
  attemptsMax: 3,
  /** Crashes and exhausted retries of a session before it goes on with one team at a time. */
  failuresBeforeSequential: 3,
  /** An agent without a sign of life for this long is taken for crashed; one that thinks or builds is silent for minutes. */
  agentSilentMs: 15 * 60_000,
  /** A team's messages to the orchestrator, its blockers, its discrepancies, its errors: each list keeps the newest. */
  messagesKeptMax: 100,
  /** Changed files of no task that are kept: more of them are no stray edits, but work that nobody planned. */
  unownedKeptMax: 100,
  /** Of those, how many a sentence names. */
  unownedNamedMax: 5,
  /** Findings of a gate that an agent is told in a retry: more of them are mended by the same edits, or after the next measurement. */
  findingsTold: 10,
  /** Wait for the relay: five times what a killed holder's lock needs to go stale, and less than a hook may take. */
  relayWaitMs: 10_000,
  /** Wait for others who set up the same repository: as for the relay. */
  installWaitMs: 10_000,
  /** A document of the relay: ten thousand tasks with their files fit. */
  documentBytesMax: 8 * 1024 * 1024,
  /** Levels of nesting in a document: ours have six, and parsers overflow their stack at some thousands. */
  documentDepthMax: 64,
  /** Claims kept in one document, the newest. */
  discrepanciesMax: 50,
  /** Broken copies kept of one file, the newest. */
  asidesMax: 5,
  /** The event log is begun anew beyond this, or beyond the size of the documents it starts with: it is read as a whole. */
  eventSegmentBytesMax: 256 * 1024,
  /** Former event logs kept: some ten thousand transactions. */
  eventSegmentsMax: 8,
  /** Progress of teams is written together when it comes within this of the first: nobody sees the difference. */
  statusBatchMs: 200,
  /** A task source larger than this is no list that people wrote. */
  taskFileBytesMax: 2 * 1024 * 1024,
  /** Tasks of one source. */
  tasksMax: 10_000,
  /** Kept of what one agent says: its end is what tells why it failed. */
  agentOutputBytesMax: 1024 * 1024,
  /** An agent still at work on one phase after this is ended: it is caught in a loop. */
  agentTimeLimitMs: 60 * 60_000,
  /** A team counts as alive for so long while its gates are measured: the default time limits of all gates, one after another. */
  measurementMs: 105 * 60_000,
  /** Between two looks of an executor at its teams. */
  executorLookMs: 30_000,
  /** A hook that has nothing to do answers in a tenth of this, also on a busy machine. */
  hookTrialMs: 20_000,
  /** Kept of what such a hook says. */
  hookTrialBytesMax: 64 * 1024,
  /** An executor on another machine is gone when nothing was seen of it for this long: four of its looks. */
  executorSilentMs: 120_000,
} as const;

/** Bounds of the leases on files. */
export const LEASE_LIMITS = {
  /** The specification's. An agent that is at work renews it; one that is gone blocks the others no longer than this. */
  durationMs: 30_000,
  /** Nothing that renews its leases needs longer, and a mistyped row must not lock a file for years. */
  durationMsMax: 60 * 60_000,
  /** The specification's: an agent that got nothing in this time has better things to do. */
  waitMs: 60_000,
  /** The specification's pauses between two looks of a waiter: the first, doubling to the last. */
  pollMs: { first: 100, most: 5_000 },
  /** After a change of the table a waiter looks at once, but not more often than this: many waiters wake together. */
  pollAfterChangeMs: 10,
  /** A waiter looks every 5 s at least; one that missed two looks is gone. */
  waiterAwayMs: 12_000,
  /** So often is a waiter overtaken by critical ones that came later; then it is served before them. */
  overtakesMax: 4,
  /** Per file: as many as the largest number of teams. */
  waitersMax: 64,
  /** Memories of lost leases, per file and in time: an agent that comes back later is told less, and refused all the same. */
  lostMax: 8,
  lostKeptMs: 15 * 60_000,
  /** More locked files than this are a fault of whoever locks them; reading the table would take seconds. */
  rowsMax: 50_000,
  /** Longest wait for other writers of the table: a few dead ones in a row, each of which costs two seconds. */
  tableWaitMs: 20_000,
  /** Unusable tables kept aside; what comes later was most likely made by the same fault. */
  setAsideMax: 16,
} as const;

/** Bounds of the daemon and its clients. */
export const DAEMON_LIMITS = {
  /** The daemon runs no code of a project, so it answers at once; on a machine with ten times the work it can do, within this. */
  acceptMs: 4_000,
  /** From starting a daemon until it listens: it takes 200 ms, and twenty times as long on a machine that is busy. */
  startMs: 10_000,
  /** So often does the daemon tell a client that it is there. */
  beatMs: 1_000,
  /** A daemon that has been silent for this long is stopped or dead. */
  silenceMs: 10_000,
  /** A host that is building a large import graph says nothing meanwhile; nothing of ours blocks its thread longer than this. */
  hostSilenceMs: 120_000,
  /** A host that was told to end, and a run whose client is gone, get this long. */
  hostGraceMs: 8_000,
  /** After a second Ctrl-C nobody waits longer than this. */
  forceMs: 1_000,
  /** Without a request for this long a host ends, and then the daemon: longer than a coffee, shorter than a night. */
  idleMs: 30 * 60_000,
  /** One message: an environment has a few hundred KB at most, and output is cut into pieces. */
  messageBytesMax: 8 * 1024 * 1024,
  /** Text of one piece of output. */
  outputCharsMax: 256 * 1024,
  /** Held back for a client that reads slowly, or until a run is complete; beyond that it is written as it comes. */
  heldBytesMax: 64 * 1024 * 1024,
  /** Requests that wait, over all roots: more of them come from a loop. */
  waitingMax: 1_000,
  /** Workspaces kept warm at once, whatever their size. */
  hostsMax: 16,
  /** Share of the machine's memory that idle hosts may keep. */
  memoryShare: 0.25,
  /** The one used last, where it is the only one, this many times that: it is the likeliest to be asked again. */
  lastHostFactor: 2,
  /** Of the machine's memory: when less can be had, idle hosts end, whatever they take. */
  scarceShare: 0.1,
  /** The log, and as much again of the one before. */
  logBytesMax: 1024 * 1024,
  /** Longest path of a Unix socket on the strictest system, its closing zero included. */
  socketPathBytesMax: 104,
  /** `daemon stop` waits this long for runs under way. */
  stopMs: 30_000,
} as const;

/** Bounds of what all runs of one user on one machine share: cores and memory. */
export const BUDGET_LIMITS = {
  /** Of the machine's memory for everything of ours; the rest is the system's, the editor's and the agents'. */
  memoryShare: 0.75,
  /**
   * Every check ends within its time limit, so whoever waits longer than the longest, and nobody before it has started or ended, has found a
   * fault, and goes on without the others.
   */
  waitMs: 30 * 60_000,
  /**
   * Started without further workers, a tool has none to its end. What takes at least so long waits for them while others have them all,
   * for so many times as long as it will take, and no longer than this.
   */
  extrasWorthMs: 30_000,
  extrasWaitFactor: 2,
  extrasWaitMs: 10 * 60_000,
  /** Who waits so long says so. */
  tellMs: 2_000,
  /** For a change of the table: a few writers that died in a row, each of which costs two seconds. */
  tableWaitMs: 10_000,
  /** Between two looks of a waiter: an owner that was killed changes no file. A change is looked at at once. */
  pollMs: { first: 250, most: 2_000 },
  /** Between two tries to take back a row that could not be written: it holds up all others, but a disk may stay full for hours. */
  takeBackMs: { first: 250, most: 30_000 },
  /** A process whose start was looked up is not looked up again within this: where that takes a program, it costs a core. */
  startKnownMs: 5_000,
  /** A grant held no longer than this goes from one lane to the next of its run; a longer one goes back first, for whoever waits. */
  handOnMs: 1_000,
  /** More rows than this were made by a fault: each is a lane under way or waiting. */
  rowsMax: 1_024,
  /** First guess of what a check needs, and of what each of its files adds: a typed lint of 300 files takes about 1.5 GB, its types half of it. */
  checkMegabytesFirst: 256,
  fileMegabytesFirst: 1,
  /** No guess is above this: with one, a machine of 4 GB would run a large repository's checks one by one. */
  guessMegabytesMax: 2_048,
  /** Between two looks at what a tool's processes use: the first, growing to the last. */
  sampleMs: { first: 100, most: 1_500 },
  /** And so many times what the last look took, up to the last: looking must not use what it measures, nor come too late on a busy machine. */
  sampleCostFactor: 50,
} as const;

/** Bounds of the hooks. */
export const HOOK_LIMITS = {
  /** A payload beyond this is not read on: a tool that writes a file of that size is no agent's. */
  payloadBytesMax: 64 * 1024 * 1024,
  /** The client writes its payload at once; whoever has not by then never will. */
  payloadMs: 10_000,
  /**
   * An explicit answer comes within this, by event. The client kills a hook at the end of a subagent after 600 s whatever its settings say, one at
   * the end of a session after 1.5 s, and takes silence for consent.
   */
  deadlineMs: {
    session_start: 10_000, multi_implement_start: 30_000, team_start: 15_000, teammate_started: 15_000, before_edit: 15_000, after_edit: 8_000,
    team_phase_complete: 540_000, agent_failed: 15_000, agent_returned: 30_000, all_teams_complete: 60_000, session_end: 1_200,
  },
  /** Whatever was asked for: a client that has killed the hook by then would take that for consent. */
  deadlineMsMax: 590_000,
  /** After the deadline, what was started gets this long to end. */
  graceMs: 4_000,
  /** So often is an agent kept because we could not judge it. */
  unjudgedMax: 3,
  /** So often is an agent sent back with findings: the specification's max_retries. */
  blocksMax: 3,
  /** So often is the main agent kept for the same state of affairs: it may have been told to stop. */
  stopsMax: 2,
  /** A reason: the client shows 10,000 characters of a text, and an agent reads the first ones. */
  reasonCharsMax: 8_900,
  /** What is told after an edit: it comes again and again. */
  contextCharsMax: 2_000,
  /** Agents kept in the ledger, the newest: the client has 20 at once. */
  agentsMax: 200,
  /** Worktrees kept of those that one agent has changed something in. */
  rootsMax: 8,
  /** Edits of files that nobody owns: begun anew beyond this. */
  editLogBytesMax: 256 * 1024,
  /** Longest wait for others who write the ledger: two hundred hooks may come at once. */
  ledgerWaitMs: 10_000,
  /** Of what one finding says. */
  findingCharsMax: 600,
} as const;

/** Default time limit of a check by gate, in ms: generous, a bound against hanging rather than a budget. */
export const TIME_LIMIT_MS = {
  syntax_validation: 5 * 60_000,
  type_verification: 10 * 60_000,
  lint_enforcement: 15 * 60_000,
  security_analysis: 10 * 60_000,
  test_coverage: 20 * 60_000,
  performance_check: 15 * 60_000,
  documentation_check: 10 * 60_000,
  integration_test: 20 * 60_000,
} as const;

/** Bounds of what is kept between runs. */
export const CACHE_LIMITS = {
  /** All results of all trees together: some ten thousand runs of a mid-size repository. */
  bytesMax: 512 * 1024 * 1024,
  /** A result that nobody asked for in this time belongs to a state that nobody comes back to. */
  ageMsMax: 30 * 24 * 3_600_000,
  /** One result: the coverage of ten thousand files fits. */
  resultBytesMax: 32 * 1024 * 1024,
  /** Between two looks for what is too old or too much: looking costs a stat of each file, and until then it may become more. */
  pruneEveryMs: 3_600_000,
  /** A result that is used is marked so this often: soon enough to be kept. */
  markEveryMs: 24 * 3_600_000,
  /** A temporary file this old belongs to a process that is gone. */
  temporaryMsMax: 3_600_000,
  /** Known vulnerabilities change by the day, and an agent asks by the minute. */
  auditMs: 3_600_000,
  /** A registry that did not answer may soon. */
  noAnswerMs: 10 * 60_000,
  /** States of one tree that are remembered to say what changed, the newest. */
  statesMax: 8,
  /** Kept files that a daemon's host remembers: a few requests of one tree, the largest of some megabytes each. */
  rememberedFilesMax: 12,
  /** Changed files named in one reason. */
  namedMax: 3,
} as const;
