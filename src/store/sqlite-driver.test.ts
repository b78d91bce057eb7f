/** The store in SQLite. */
import { testStore } from '#store/conformance.ts';
import { openStore } from '#store/open.ts';

testStore({ name: 'SQLite', open: (directory) => openStore({ directory, checks: true }), isKept: true });
