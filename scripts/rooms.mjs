// The one table of who may import whom. `npm run golden` writes .oxlintrc.json from it, `npm run check` refuses
// a config that differs from it, and lint refuses a wrong import with a sentence that names this file.

/** Each room of src/ and the rooms that it may import. Dependencies point one way. */
export const ROOMS = {
  core: [],
  policy: ['core'],
  topology: ['core', 'policy'],
  hosts: ['core'],
  openclaw: ['core', 'hosts'],
  services: ['core', 'policy', 'topology', 'openclaw'],
  link: ['core', 'hosts', 'services'],
  runtimes: ['core', 'services', 'hosts', 'openclaw'],
  converge: ['core', 'policy', 'topology', 'hosts', 'openclaw', 'services', 'link', 'runtimes'],
  gate: ['core', 'policy'],
  squid: ['core', 'policy', 'gate'],
  audit: ['core', 'policy'],
  checks: ['core', 'topology', 'policy', 'services', 'hosts', 'openclaw', 'link', 'runtimes'],
  dashboard: ['core', 'audit', 'checks', 'converge'],
  cli: [
    'core',
    'policy',
    'topology',
    'hosts',
    'openclaw',
    'services',
    'runtimes',
    'converge',
    'gate',
    'squid',
    'audit',
    'checks',
    'dashboard',
  ],
};

/** Modules of Node that belong to some rooms only, with the reason that the lint message gives. */
export const RESERVED = {
  'node:child_process': { rooms: ['hosts', 'squid'], why: 'only src/hosts starts processes: quoting, sudo and time limits live there' },
};

// How many folders deep a room's files may lie: src/room/a/b/file.ts is three.
const DEEPEST = 3;

/** The overrides of .oxlintrc.json: for each room and depth, every import that leads where it may not. */
export function roomOverrides() {
  return Object.entries(ROOMS).flatMap(([room, allowed]) =>
    Array.from({ length: DEEPEST }, (_, at) => overrides(room, allowed, at + 1)).flat(),
  );
}

function overrides(room, allowed, depth) {
  const folder = `src/${room}/${'*/'.repeat(depth - 1)}`;
  const all = { files: [`${folder}*.ts`], rules: rule(refused(room, allowed, depth), reserved(room)) };
  // Tests and their helpers start programs to see what becomes of them.
  const tests = [`${folder}*.test.ts`, ...(depth === 1 ? [] : [`src/${room}/${'*/'.repeat(depth - 2)}testing/*.ts`])];
  return reserved(room).length === 0 ? [all] : [all, { files: tests, rules: rule(refused(room, allowed, depth), []) }];
}

// An override replaces the base rule and the overrides before it: each one states the whole of what it refuses.
function rule(...patterns) {
  return { 'no-restricted-imports': ['error', { patterns: patterns.flat() }] };
}

function refused(room, allowed, depth) {
  const others = Object.keys(ROOMS).filter((one) => one !== room && !allowed.includes(one));
  const may = allowed.length === 0 ? 'no other room' : allowed.join(', ');
  const outside = {
    regex: String.raw`^(\.\./){${depth + 1},}`,
    message: 'an import stays inside src/: see the table in scripts/rooms.mjs',
  };
  if (others.length === 0) return [outside];
  const up = String.raw`\.\./`.repeat(depth);
  return [outside, { regex: `^${up}(${others.join('|')})/`, message: `src/${room} may import ${may}: see the table in scripts/rooms.mjs` }];
}

function reserved(room) {
  return Object.entries(RESERVED)
    .filter(([, { rooms }]) => !rooms.includes(room))
    .map(([name, { why }]) => ({ regex: `^${name.replace('node:', '(node:)?')}$`, message: `${why} (scripts/rooms.mjs)` }));
}
