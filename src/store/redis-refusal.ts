// A Redis that answers, but does not do what it is asked for the state it is in. What that is, in a person's words.

const CAUSES: Readonly<Record<string, string>> = {
  OOM: "it is out of memory. Raise its maxmemory, or give it a Redis of its own",
  READONLY: "it is a replica. Point REDIS_URL to the master",
  LOADING: "it is still loading its data",
  MISCONF: "it cannot write to its disk. Free some space there",
  MASTERDOWN: "its master is away",
  CLUSTERDOWN: "its cluster is down",
  TRYAGAIN: "its cluster is being rearranged",
};

/** Null: the error is another. Older Redis puts the code behind the words for a script that broke. */
export function redisRefusal(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== "ReplyError") return null;
  const code = /(?:^|-)(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/.exec(error.message)?.[1];
  return code === undefined ? null : `Redis refused to work: ${CAUSES[code]} (${code}).`;
}
