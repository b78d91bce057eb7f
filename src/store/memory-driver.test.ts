/** The store without a directory. */
import { testStore } from '#store/conformance.ts';
import { openStore } from '#store/open.ts';

testStore({ name: 'memory', open: () => openStore(), isKept: false });
