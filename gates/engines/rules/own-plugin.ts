import type { ESLint } from 'eslint';
import { noBlockingIoInAsync } from './no-blocking-io-in-async.ts';
import { noDynamicFunction } from './no-dynamic-function.ts';

/** Rules that no published plugin has in this form. */
export const ownPlugin: ESLint.Plugin = {
  meta: { name: 'spark-gates' },
  rules: {
    'no-blocking-io-in-async': noBlockingIoInAsync,
    'no-dynamic-function': noDynamicFunction,
  },
};
