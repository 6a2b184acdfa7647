import { expect, test } from 'vitest';
import { complexityScore, taskWeight } from '../../src/orchestrator/complexity.ts';
import { activePersonas, PERSONAS, personaScore, selectMcpServers } from '../../src/orchestrator/personas.ts';

const AUTH = { description: 'Authentication endpoint of the API', files: ['src/api/auth/endpoint.ts', 'tests/auth.test.ts'] };

test("the specification's example: backend and security, context7 and sequential, 0.75", () => {
  expect(activePersonas(AUTH)).toEqual(['backend', 'security']);
  expect(selectMcpServers(activePersonas(AUTH))).toEqual(['context7', 'sequential']);
  expect(complexityScore(AUTH)).toBe(0.75);
});

test('only whole words count', () => {
  expect(activePersonas({ description: 'Build the guide around a circuit: rebuild, suite of authors, apiary', files: [] })).toEqual([]);
  expect(personaScore('frontend', { description: 'Build', files: [] })).toBe(0);
});

test('a word counts once, with or without a plural', () => {
  expect(personaScore('backend', { description: 'endpoints, endpoint, ENDPOINTS', files: [] })).toBe(2);
});

test('one weak word is not enough, two are, and so is one with a file that speaks for it', () => {
  expect(activePersonas({ description: 'A button', files: [] })).toEqual([]);
  expect(activePersonas({ description: 'A button on the page', files: [] })).toEqual(['frontend']);
  expect(activePersonas({ description: 'A button', files: ['src/cart.tsx', 'src/order.tsx'] })).toEqual(['frontend']);
});

test('personas come in their fixed order, whatever the order of the words', () => {
  const description = 'docs testing database docker refactor security react api';
  expect(activePersonas({ description, files: [] })).toEqual(PERSONAS);
  expect(selectMcpServers(PERSONAS)).toEqual(['context7', 'sequential', 'magic', 'playwright']);
});

test('complexity goes from 0 to 1', () => {
  expect(complexityScore({ description: '', files: [] })).toBe(0);
  expect(complexityScore({ description: 'Rewrite the concurrent API protocol for database security', files: ['src/**'] })).toBe(1);
});

test('a task weighs its files and its complexity, and never nothing', () => {
  expect(taskWeight({ description: '', files: [] })).toBe(1);
  expect(taskWeight(AUTH)).toBe(5);
});
