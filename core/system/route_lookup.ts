/**
 * The kernel's own lookup of a route (`RTM_GETROUTE` of rtnetlink(7), without a dump).
 *
 * @module
 */

import type { Asking } from "../contract/diag.ts";
import { Failure } from "./failures.ts";
import { Answers, type Channel, oneRequest } from "./netlink.ts";
import type { Tree } from "./scan.ts";
import { expectedOf, openFor, RTNETLINK, structureOf } from "./sock_diag.ts";

/** `RTA_DST` */
const DESTINATION = 1;

/**
 * Asks the kernel for the route that packets to an address take, as they would now. The
 * answer is what is behind its header; the failure's code says why there is no such route.
 */
export function openLookup(
  asking: Asking,
  address: Uint8Array,
  tree: Pick<Tree, "inside">,
): Uint8Array | Failure {
  return lookUpRoute(asking, address, openFor(asking, tree));
}

/** {@linkcode openLookup} by this channel. */
export function lookUpRoute(
  asking: Asking,
  address: Uint8Array,
  channel: Channel | Failure,
): Uint8Array | Failure {
  if (channel instanceof Failure) return channel;
  const structure = structureOf(asking, {});
  // `rtm_dst_len`
  structure[1] = 8 * address.length;
  const attributes = [{ type: DESTINATION, data: address }];
  const request = oneRequest(asking.rtnetlink!.get, structure, attributes);
  const answers = new Answers(channel, {
    ...expectedOf(asking),
    path: RTNETLINK,
    family: asking.family,
  });
  const failure = answers.ask(request);
  const answer = answers.next()
    ? answers.bytes.slice(answers.start, answers.end)
    : failure ?? answers.failure ??
      new Failure(RTNETLINK, "", "no answer");
  answers.close();
  return answer;
}
