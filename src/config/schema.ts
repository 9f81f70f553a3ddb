// Every option there is: its place in the YAML file, type, default, and the line that people read about it. The environment
// name is the path in capitals with `_`. config/default.yaml and the README's table are held against this by tests.

import { z } from "zod";
import { TRUST_DEFAULTS } from "../domain/trust-limits.ts";
import {
  isAddress,
  isFilled,
  isHost,
  isHostPorts,
  isKeyOrPassphrase,
  isOrganisationId,
  isRedisUrl,
  isServiceUrl,
  isTimeZone,
} from "./fits.ts";
import {
  choice,
  factsOf,
  flag,
  fraction,
  group,
  type OptionFacts,
  optionalFraction,
  optionalText,
  text,
  whole,
} from "./option.ts";
import { rosterOptions } from "./roster-schema.ts";

const HOUR_MS = 3_600_000;
const WEEK_S = 7 * 24 * 3600;
const SECRET = { isSecret: true };
const HOST_PORTS = "addresses such as redis-1:26379, redis-2:26379, redis-3:26379";
const SERVICE_URL = "an https:// address (http:// only for this machine), without user, password or query";

export const configSchema = group({
  tallyfy: group({
    org_id: optionalText(
      isOrganisationId,
      "the organisation's id: 32 hexadecimal digits",
      "Your organisation in Tallyfy: its id, 32 hexadecimal digits.",
    ),
    client_id: optionalText(
      isFilled,
      "the client id that Tallyfy gave you",
      "The application's client id, from Tallyfy.",
    ),
    client_secret: optionalText(
      isFilled,
      "the client secret that Tallyfy gave you",
      "The application's client secret, from Tallyfy.",
      SECRET,
    ),
    token_url: text(
      isServiceUrl,
      "https://account.tallyfy.com/oauth/token",
      SERVICE_URL,
      "Where tokens are asked for.",
    ),
    api_url: text(isServiceUrl, "https://go.tallyfy.com/api", SERVICE_URL, "Where Tallyfy's API is."),
    admin_email: optionalText(
      isAddress,
      "the e-mail address of a Tallyfy administrator",
      "The administrator on whose behalf members are listed; without it nobody can be looked up.",
      { isPersonal: true },
    ),
    ca_file: optionalText(
      isFilled,
      "the path of a PEM file",
      "A PEM file with a further certificate authority to trust, for proxies that open TLS.",
    ),
    connect_timeout_ms: whole(100, 300_000, 10_000, "milliseconds", "How long connecting to Tallyfy may take."),
    headers_timeout_ms: whole(100, 300_000, 20_000, "milliseconds", "How long Tallyfy may take to begin its answer."),
    call_timeout_ms: whole(100, 600_000, 30_000, "milliseconds", "How long one call may take as a whole."),
    max_body_bytes: whole(65_536, 268_435_456, 16_777_216, "bytes", "The largest answer that is read."),
  }),
  redis: group({
    url: optionalText(
      isRedisUrl,
      "an address such as redis://host:6379 or rediss://user:password@host:6379/0",
      "The Redis to use; without it (and sentinels and cluster) the program starts its own under the data folder.",
      SECRET,
    ),
    user: optionalText(
      isFilled,
      "the name of a user of Redis",
      "The ACL user; for redis.url it may stand in the URL instead.",
    ),
    password: optionalText(
      isFilled,
      "the password of Redis",
      "That user's password; for redis.url it may stand in the URL instead.",
      SECRET,
    ),
    sentinels: optionalText(
      isHostPorts,
      HOST_PORTS,
      "The Sentinels that name the master, instead of redis.url: host:port, host:port, ...",
    ),
    sentinel_name: text(
      isFilled,
      "mymaster",
      "the name of a master",
      "The name under which the Sentinels know the master.",
    ),
    sentinel_user: optionalText(
      isFilled,
      "the name of a user of the Sentinels",
      "The Sentinels' own ACL user, if they have one.",
    ),
    sentinel_password: optionalText(
      isFilled,
      "the password of the Sentinels",
      "The Sentinels' own password, if they have one.",
      SECRET,
    ),
    cluster: optionalText(
      isHostPorts,
      HOST_PORTS,
      "Some nodes of a Redis Cluster, instead of redis.url: host:port, host:port, ...",
    ),
    tls: flag(false, "Speak TLS to Redis and its Sentinels; rediss:// in redis.url says the same."),
    ca_file: optionalText(
      isFilled,
      "the path of a PEM file",
      "The authority that issued Redis's certificate, where it is your own.",
    ),
    cert_file: optionalText(
      isFilled,
      "the path of a PEM file",
      "Our certificate, where Redis asks for one (tls-auth-clients).",
    ),
    key_file: optionalText(isFilled, "the path of a PEM file", "The private key of that certificate."),
  }),
  data_dir: text(
    isFilled,
    "./data",
    "the path of a folder",
    "The folder for inbox, answers, archive and the program's own Redis; from the working directory.",
  ),
  host: text(
    isHost,
    "127.0.0.1",
    "an address of this machine, such as 127.0.0.1 or 0.0.0.0",
    "The address the web pages listen on; any but this machine's own needs dashboard.password.",
  ),
  port: whole(0, 65_535, 3000, "", "The port of the web pages; 0 takes a free one."),
  dashboard: group({
    user: text(
      (name) => isFilled(name) && !name.includes(":"),
      "admin",
      "a name without a colon",
      "The user name for the web pages.",
    ),
    password: optionalText(
      isFilled,
      "a password",
      "The password for the web pages; without it they only show and change nothing.",
      SECRET,
    ),
  }),
  token_encryption_key: optionalText(
    isKeyOrPassphrase,
    "32 bytes as 64 hex digits or as base64, or a passphrase of at least 16 characters",
    "Keeps tokens encrypted in Redis, shared by all processes; without it each process keeps them in memory.",
    SECRET,
  ),
  log_level: choice(
    ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
    "info",
    "The least important log lines that are written.",
  ),
  inbox: group({
    settle_ms: whole(
      0,
      HOUR_MS,
      2000,
      "milliseconds",
      "How long a dropped file must stay unchanged before it is taken.",
    ),
    scan_ms: whole(
      100,
      HOUR_MS,
      15_000,
      "milliseconds",
      "How often the inbox is looked through for files that no event announced.",
    ),
    use_polling: flag(false, "Watch by looking instead of by events; for network mounts."),
  }),
  schedule: group({
    cron: text(
      isFilled,
      "0 2 * * *",
      "five cron fields, such as 0 2 * * *",
      "When the last roster is planned again: minute, hour, day, month, weekday.",
    ),
    timezone: optionalText(
      isTimeZone,
      "an IANA time zone such as Europe/Berlin",
      "The time zone of the schedule and of the day on which people start; without it, this machine's.",
    ),
  }),
  limits: group({
    create_count: whole(
      0,
      1_000_000,
      100,
      "people",
      "A run that would create more people than this is held, if create_percent is exceeded too.",
    ),
    create_percent: fraction(
      0,
      100,
      10,
      "A run that would create more than this share of the known people is held, if create_count is exceeded too.",
    ),
  }),
  trust: group({
    tolerated_count: whole(
      0,
      1_000_000,
      TRUST_DEFAULTS.toleratedCount,
      "rows",
      "So many rows, people, cells or columns (at most half of them) may always differ from the last roster, whatever the percentages say.",
    ),
    rows_fewer_percent: fraction(
      0,
      100,
      TRUST_DEFAULTS.rowsFewerPercent,
      "A roster with fewer rows than the last one by more than this is held.",
    ),
    rows_more_percent: fraction(
      0,
      100_000,
      TRUST_DEFAULTS.rowsMorePercent,
      "A roster with more rows than the last one by more than this is held, if rows_more_count is exceeded too.",
    ),
    rows_more_count: whole(
      0,
      1_000_000,
      TRUST_DEFAULTS.rowsMoreCount,
      "rows",
      "So many rows more than in the last roster are always accepted.",
    ),
    people_gone_percent: fraction(
      0,
      100,
      TRUST_DEFAULTS.peopleGonePercent,
      "A roster in which more than this share of the last one's people are missing is held.",
    ),
    issues_percent: fraction(
      0,
      100,
      TRUST_DEFAULTS.issuesPercent,
      "A roster in which more than this share of rows (beyond the share accepted before) cannot be read is held.",
    ),
    blanks_percent: fraction(
      0,
      100,
      TRUST_DEFAULTS.blanksPercent,
      "A roster in which a used column is blank in more than this share of rows beyond the last one's is held.",
    ),
    fields_changed_count: whole(
      0,
      100,
      TRUST_DEFAULTS.fieldsChangedCount,
      "fields",
      "A roster in which more fields are read from another column, or no longer, is held.",
    ),
    columns_changed_percent: fraction(
      0,
      100_000,
      TRUST_DEFAULTS.columnsChangedPercent,
      "A roster in which more than this share of all columns came or went is held.",
    ),
    columns_doubted_count: whole(
      0,
      100,
      TRUST_DEFAULTS.columnsDoubtedCount,
      "columns",
      "A roster with more new columns that nothing reads, and that may say who has left or are nearly named as a status, a date or a time zone, is held.",
    ),
    trailer_count_difference: whole(
      0,
      1_000_000,
      TRUST_DEFAULTS.trailerCountDifference,
      "rows",
      "A roster whose closing line counts rows differently by more than this is held.",
    ),
    trailer_required: flag(
      TRUST_DEFAULTS.isTrailerRequired,
      "A roster without the closing line or #EOF that the last one had is held.",
    ),
    as_of_older_days: whole(
      0,
      36_500,
      TRUST_DEFAULTS.asOfOlderDays,
      "days",
      "A roster whose as-of date, in a title or closing line, is older than the last one's by more than this is held.",
    ),
    as_of_ahead_days: whole(
      0,
      36_500,
      TRUST_DEFAULTS.asOfAheadDays,
      "days",
      "A roster whose as-of date is after today by more than this is held.",
    ),
    as_of_required: flag(
      TRUST_DEFAULTS.isAsOfRequired,
      "A roster without an as-of date is held, if the last one had one.",
    ),
    shrunk_percent: fraction(
      0,
      100,
      TRUST_DEFAULTS.shrunkPercent,
      "A roster with fewer readable rows than the largest one of shrunk_days by more than this is held, however slowly that came.",
    ),
    shrunk_days: whole(
      0,
      3650,
      TRUST_DEFAULTS.shrunkDays,
      "days",
      "How far back shrunk_percent looks, at most to the last roster that a person released with a reason.",
    ),
  }),
  rate: group({
    per_second: fraction(
      0.01,
      10_000,
      1,
      "How many calls to Tallyfy a second may see at first, over all machines; the program finds out what more is allowed.",
    ),
    max_per_second: optionalFraction(
      0.01,
      10_000,
      "How many calls a second may never exceed; without it 10, or rate.per_second where that is more.",
    ),
    share_percent: fraction(
      1,
      100,
      80,
      "How much of a limit that was found is used; the rest is for other programs that use the same organisation. Now and then, after 200 windows and then half as often each time, one window is used up to see whether the limit is still the same.",
    ),
  }),
  hourly_budget: whole(
    1,
    10_000_000,
    900,
    "calls",
    "How many calls to Tallyfy one hour may see, over all machines. Once they are used up, nobody is created until it is over; the member list is still read.",
  ),
  worker: group({
    concurrency: whole(1, 100, 4, "calls", "How many people one process creates at the same time."),
  }),
  retry: group({
    attempts: whole(1, 100, 8, "attempts", "How often a person is tried before the run reports a failure."),
    base_ms: whole(
      1,
      HOUR_MS,
      2000,
      "milliseconds",
      "The longest wait before the second attempt; it doubles with each one.",
    ),
    cap_ms: whole(1, 24 * HOUR_MS, 300_000, "milliseconds", "No wait between attempts is longer than this."),
    default_pause_ms: whole(
      1,
      HOUR_MS,
      60_000,
      "milliseconds",
      "The longest pause after a 429 that does not say how long; it begins short and grows.",
    ),
  }),
  halt: group({
    probe_ms: whole(
      1,
      24 * HOUR_MS,
      30_000,
      "milliseconds",
      "How often a queue that refused credentials halted is tried again.",
    ),
    seats_probe_ms: whole(
      1,
      24 * HOUR_MS,
      900_000,
      "milliseconds",
      "How often a queue that missing seats halted is tried again.",
    ),
    identical_refusals: whole(
      2,
      10_000,
      10,
      "refusals",
      "So many identical refusals in a row, which name no field, halt the queue.",
    ),
  }),
  retention: group({
    jobs: group({
      count: whole(0, 1_000_000, 5000, "jobs", "How many finished jobs Bull Board keeps."),
      age_s: whole(60, 10 * 52 * WEEK_S, WEEK_S, "seconds", "How long finished jobs are kept."),
    }),
    runs: whole(1, 100_000, 400, "runs", "How many runs the history keeps."),
  }),
  roster: rosterOptions,
});

/** The values of a whole configuration, defaults filled in. */
export type ConfigValues = z.output<typeof configSchema>;

export interface Option extends OptionFacts {
  /** Such as `tallyfy.org_id`. */
  readonly path: string;
  /** Such as `TALLYFY_ORG_ID`. */
  readonly env: string;
  readonly type: z.ZodType;
  readonly fallback: unknown;
}

/** All options, in the order of the file. */
export const OPTIONS: readonly Option[] = collect(configSchema, []);

/** The groups, such as `tallyfy` and `roster.role`. */
export const GROUPS: ReadonlySet<string> = new Set(
  OPTIONS.flatMap(({ path }) =>
    path
      .split(".")
      .slice(0, -1)
      .map((_, at, parts) => parts.slice(0, at + 1).join(".")),
  ),
);

function collect(type: z.ZodType, place: readonly string[]): Option[] {
  const known = factsOf(type);
  if (known !== null) {
    const path = place.join(".");
    const env = place.join("_").toUpperCase();
    return [{ ...known, path, env, type, fallback: type.parse(undefined) }];
  }
  const inner = type instanceof z.ZodPrefault ? type.unwrap() : type;
  if (!(inner instanceof z.ZodObject)) throw new Error(`${place.join(".")} is neither a group nor an option.`);
  return Object.entries(inner.shape as z.ZodRawShape).flatMap(([key, part]) =>
    collect(part as z.ZodType, [...place, key]),
  );
}
