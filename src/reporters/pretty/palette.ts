import { styleText } from 'node:util';
import type { GateId } from '../../model/gate.ts';
import type { VerdictStatus } from '../../model/verdict.ts';

type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** Colours and marks of one stream. */
export interface Palette {
  paint(style: Style, text: string): string;
  mark(status: VerdictStatus, blocking: boolean, frame: number): string;
  readonly dash: string;
  readonly dot: string;
}

export interface PaletteOptions {
  readonly colour: boolean;
  readonly unicode: boolean;
}

const SPINNER = { unicode: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], ascii: ['-', '\\', '|', '/'] };

const MARKS = {
  unicode: { passed: '✓', failed: '✗', warned: '▲', error: '!', skipped: '–', pending: '·' },
  ascii: { passed: 'v', failed: 'x', warned: '*', error: '!', skipped: '-', pending: '.' },
};

const STYLES = { passed: 'green', failed: 'red', error: 'red', skipped: 'dim', pending: 'dim', running: 'cyan' } as const;

export function makePalette({ colour, unicode }: PaletteOptions): Palette {
  const set = unicode ? 'unicode' : 'ascii';
  const paint = (style: Style, text: string): string => (colour ? styleText(style, text, { validateStream: false }) : text);
  return {
    paint,
    mark(status, blocking, frame) {
      if (status === 'running') return paint('cyan', SPINNER[set][frame % SPINNER[set].length] ?? '');
      if (!blocking && (status === 'failed' || status === 'error')) return paint('yellow', MARKS[set].warned);
      return paint(STYLES[status], MARKS[set][status]);
    },
    dash: unicode ? '–' : '-',
    dot: unicode ? '·' : '|',
  };
}

/** The gates as people say them. */
export const GATE_LABELS: Readonly<Record<GateId, string>> = {
  syntax_validation: 'syntax',
  type_verification: 'types',
  lint_enforcement: 'lint',
  security_analysis: 'security',
  test_coverage: 'tests',
  performance_check: 'perf',
  documentation_check: 'docs',
  integration_test: 'integration',
};

/** The same over a column six wide. */
export const GATE_HEADS: Readonly<Record<GateId, string>> = { ...GATE_LABELS, integration_test: 'integr.' };
