// Loaded by the project's Jest (`--filter`): CommonJS because Jest requires it. Of the related tests, which Jest finds without
// regard to patterns, it keeps those that the patterns of the script choose; they come in SPARK_GATES_TEST_PATTERNS.
'use strict';
const path = require('node:path');

/** @param {string[]} files absolute */
module.exports = (files) => {
  const { patterns, rootFolder, asObjects } = JSON.parse(process.env.SPARK_GATES_TEST_PATTERNS);
  const expressions = patterns.map((pattern) => new RegExp(pattern.replace(/^\.\//, '^'), 'i'));
  const filtered = files.filter((file) => expressions.some((expression) => expression.test(file) || expression.test(path.relative(rootFolder, file))));
  // Before its version 30, Jest took objects.
  return Promise.resolve({ filtered: asObjects ? filtered.map((test) => ({ test })) : filtered });
};
