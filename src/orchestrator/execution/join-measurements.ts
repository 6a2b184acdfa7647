import type { GateId } from '../../model/gate.ts';
import { NOTHING_MEASURED, type Measured } from '../phase-gates.ts';

export interface MeasureRequest {
  readonly team: string;
  readonly gates: readonly GateId[];
}

/** Runs gates for several teams in one go. A team that is missing in the answer was not measured. */
export type MeasureTeams = (teams: readonly string[], gates: readonly GateId[]) => Promise<ReadonlyMap<string, Measured>>;

interface Waiting extends MeasureRequest {
  readonly resolve: (measured: Measured) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One measurement at a time, and each for all teams that asked for the same gates while the one before ran: one run of a
 * check serves them all, which is what makes gates for four teams cheap.
 */
export function joinMeasurements(measureTeams: MeasureTeams): (team: string, gates: readonly GateId[]) => Promise<Measured> {
  let waiting: Waiting[] = [];
  let isRunning = false;

  const runAll = async (): Promise<void> => {
    isRunning = true;
    // Those that become due in the same moment are to come along.
    await Promise.resolve();
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const { gates } = first;
      const batch = waiting.filter((one) => isSame(one.gates, gates));
      waiting = waiting.filter((one) => !batch.includes(one));
      await runBatch(batch, gates);
    }
    isRunning = false;
  };

  const runBatch = async (batch: readonly Waiting[], gates: readonly GateId[]): Promise<void> => {
    let measured: ReadonlyMap<string, Measured>;
    try {
      measured = await measureTeams([...new Set(batch.map(({ team }) => team))], gates);
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { team, resolve } of batch) resolve(measured.get(team) ?? NOTHING_MEASURED);
  };

  return (team, gates) => new Promise((resolve, reject) => {
    waiting.push({ team, gates, resolve, reject });
    if (!isRunning) void runAll();
  });
}

function isSame(a: readonly GateId[], b: readonly GateId[]): boolean {
  return a.length === b.length && a.every((gate, index) => gate === b[index]);
}
