// What it means when Redis does not let us in, in plain words: what is wrong, and what to do. Redis's own messages may quote what
// was sent to it, so only their codes and the names of commands are repeated.

export interface RedisTrouble {
  /** Completes "Redis at … " or `The master "…" of the Sentinels … `. */
  readonly what: string;
  readonly fix: string;
  /** Waiting does not help: somebody must change something. */
  readonly isLasting: boolean;
}

/** The ACL rule that suffices; README.md has the same one, held against it by a test. */
export const ACL_RULE =
  "~{roster-sync:*}* +@read +@write +@scripting +@transaction +@connection -@dangerous +info +time";

const UNTRUSTED = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
]);

/** What a Sentinel answered, not Redis itself: it has a user and a password of its own. */
export class SentinelError extends Error {
  override readonly name = "SentinelError";
}

/** Null: an error that is nobody's in particular; it is named by its code. */
export function explainTrouble(error: Error): RedisTrouble | null {
  const { message } = error;
  if (error instanceof SentinelError || message.startsWith("All sentinels are unreachable")) {
    const refusal = ofSentinelRights(message);
    if (refusal !== null) return refusal;
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return (
    ofTls(code, message) ?? ofRights(message) ?? ofKind(message) ?? ofState(message) ?? ofNetwork(code, message) ?? null
  );
}

function lasting(what: string, fix: string): RedisTrouble {
  return { what, fix, isLasting: true };
}

function passing(what: string, fix: string): RedisTrouble {
  return { what, fix, isLasting: false };
}

function ofTls(code: string, message: string): RedisTrouble | null {
  if (UNTRUSTED.has(code) || message.includes("self-signed certificate")) {
    return lasting(
      `shows a certificate that this machine does not trust (${code || "self-signed certificate"})`,
      "Set REDIS_CA_FILE to the PEM file of the authority that issued it.",
    );
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return lasting(
      `shows a certificate that is not valid today (${code})`,
      "Renew it, or correct this machine's clock.",
    );
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return lasting(
      `shows a certificate for another name (${code})`,
      "Address Redis by a name that stands in its certificate.",
    );
  }
  if (/certificate required|bad certificate|CERTIFICATE_REQUIRED|handshake failure/i.test(`${code} ${message}`)) {
    return lasting(
      "wants a certificate from us, too, or does not accept ours",
      "Set REDIS_CERT_FILE and REDIS_KEY_FILE to the PEM files of a certificate that it trusts (or tls-auth-clients no in Redis).",
    );
  }
  return null;
}

function ofRights(message: string): RedisTrouble | null {
  if (/WRONGPASS|invalid username-password/.test(message)) {
    return lasting(
      "refuses the user name or the password (WRONGPASS)",
      "Correct them in REDIS_URL, or in REDIS_USER and REDIS_PASSWORD (or their files).",
    );
  }
  if (message.includes("NOAUTH")) {
    return lasting(
      "wants a password (NOAUTH)",
      "Give it in REDIS_URL (redis://user:password@host:port), or as REDIS_USER and REDIS_PASSWORD (or their files).",
    );
  }
  if (message.includes("NOPERM")) {
    const command = /run the '([\w|-]+)' command/.exec(message)?.[1];
    const what = command === undefined ? "our keys" : `the command ${command.toUpperCase()}`;
    return lasting(`lets the user in but forbids ${what} (NOPERM)`, `Give the ACL user these rights: ${ACL_RULE}`);
  }
  return null;
}

function ofSentinelRights(message: string): RedisTrouble | null {
  const code = /WRONGPASS|NOAUTH|NOPERM/.exec(message)?.[0];
  if (code === undefined) return null;
  return lasting(
    `cannot be asked for: a Sentinel does not let us in (${code})`,
    "Correct REDIS_SENTINEL_USER and REDIS_SENTINEL_PASSWORD (or their files): the Sentinels' own, not those of Redis.",
  );
}

function ofKind(message: string): RedisTrouble | null {
  if (message.startsWith("MOVED ")) {
    return lasting("is one node of a cluster", "Set REDIS_CLUSTER to some of its nodes instead of REDIS_URL.");
  }
  if (message.includes("cluster support disabled")) {
    return lasting("is no cluster", "Set REDIS_URL to its address instead of REDIS_CLUSTER.");
  }
  if (message.startsWith("READONLY")) {
    return lasting(
      "is a replica and takes no changes (READONLY)",
      "Set REDIS_URL to the master; or let Sentinels name it (REDIS_SENTINELS).",
    );
  }
  if (/invalid reply: null|No such master/i.test(message)) {
    return lasting(
      "is not known: the Sentinels know no master of that name",
      "Set REDIS_SENTINEL_NAME to the name in their `sentinel monitor` line.",
    );
  }
  if (/failed to connect to sentinel|All sentinels are unreachable/.test(message)) {
    return passing(
      "cannot be asked for: no Sentinel answers",
      "Check the addresses in REDIS_SENTINELS, that the Sentinels run, and whether they speak TLS (REDIS_TLS).",
    );
  }
  return null;
}

function ofState(message: string): RedisTrouble | null {
  if (message.includes("CLUSTERDOWN")) {
    return passing(
      "is down as a cluster: a part of its slots has no master (CLUSTERDOWN)",
      "Bring the missing node back, or let a replica of it take over.",
    );
  }
  if (message.includes("MISCONF")) {
    return passing("cannot write its disk and takes no changes (MISCONF)", "Look at its log, and free some space.");
  }
  if (message.includes("LOADING")) return passing("still reads its files (LOADING)", "Wait a moment.");
  return null;
}

function ofNetwork(code: string, message: string): RedisTrouble | null {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || message.includes("ENOTFOUND")) {
    return passing("cannot be found: its name is not known here (ENOTFOUND)", "Check the host name.");
  }
  return null;
}
