/** An error that a person can act on: printed as one message, without a stack. */
export class Complaint extends Error {}
