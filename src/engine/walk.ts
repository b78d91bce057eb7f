/** The walk of one packet, step by step to its end. */
import { arrive, send } from '#engine/inside-network.ts';
import { INTERNET, refuse, type Ending, type Journey, type Next, type Step } from '#engine/journey.ts';
import { crossInternet } from '#engine/over-internet.ts';

/** More steps than any sane path has; a packet that takes them goes round in circles. (IP's own limit is 255 hops.) */
export const MAX_STEPS = 64;

/** Walks a packet from its first step to its end. */
export function walk(journey: Journey, first: Step): Ending {
  let next: Next = first;
  for (let steps = 0; 'step' in next; steps++) {
    if (steps === MAX_STEPS) return giveUp(journey, next);
    next = take(journey, next);
  }
  return next;
}

function take(journey: Journey, step: Step): Next {
  switch (step.step) {
    case 'send':
      return send(journey, step);
    case 'arrive':
      return arrive(journey, step);
    case 'cross':
      return crossInternet(journey, step.flow);
  }
}

function giveUp(journey: Journey, step: Step): Ending {
  if (step.step === 'cross') return refuse(journey, 'loop', 'internet', INTERNET, step.flow);
  return refuse(journey, 'loop', 'interface', (step.step === 'send' ? step.sender : step.receiver).id, step.flow);
}
