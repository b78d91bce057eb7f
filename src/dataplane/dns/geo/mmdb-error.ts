/** A database of places that cannot be used; the message says which file and what is wrong with it. */
export class MmdbError extends Error {}
