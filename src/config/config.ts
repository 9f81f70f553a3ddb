// The configuration as the program uses it: checked, complete, nothing left to look up. How it comes about is load.ts; what
// the options mean to people is schema.ts.

import { resolve } from "node:path";
import type { Limits } from "../domain/limits.ts";
import type { Delimiter, RosterOptions } from "../domain/roster-options.ts";
import type { TrustLimits } from "../domain/trust-limits.ts";
import { type HostPort, parseHostPorts } from "./fits.ts";
import type { ConfigValues } from "./schema.ts";

/** Tallyfy publishes no limit to trust, each call may send a mail, and people who wait for an account do not mind a second. */
const CAREFUL_MAX_PER_SECOND = 10;

export interface Config {
  readonly tallyfy: {
    /** 32 hex digits; empty where it is not configured and the command did not need it. */
    readonly orgId: string;
    readonly tokenUrl: string;
    readonly apiUrl: string;
    readonly adminEmail: string | null;
    /** Absolute; readable when it was looked at. */
    readonly caFile: string | null;
    readonly connectTimeoutMs: number;
    readonly headersTimeoutMs: number;
    readonly callTimeoutMs: number;
    readonly maxBodyBytes: number;
  };
  /** Looks at TALLYFY_CLIENT_SECRET_FILE again each time, so that a corrected file is noticed without a restart. */
  readonly credentials: () => Credentials;
  /** Where Redis is; nothing given: the program starts its own. Paths are absolute. */
  readonly redis: {
    readonly url: string | null;
    readonly user: string | null;
    readonly password: string | null;
    readonly sentinels: readonly HostPort[];
    readonly sentinelName: string;
    readonly sentinelUser: string | null;
    readonly sentinelPassword: string | null;
    readonly cluster: readonly HostPort[];
    readonly isTls: boolean;
    readonly caFile: string | null;
    readonly certFile: string | null;
    readonly keyFile: string | null;
  };
  /** Absolute. */
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly dashboard: { readonly user: string; readonly password: string | null };
  /** As it was given; the store makes a key of it. */
  readonly tokenEncryptionKey: string | null;
  readonly logLevel: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
  readonly inbox: { readonly settleMs: number; readonly scanMs: number; readonly usePolling: boolean };
  readonly schedule: { readonly cron: string; readonly timeZone: string };
  readonly limits: Limits;
  readonly trust: TrustLimits;
  readonly rate: { readonly perSecond: number; readonly maxPerSecond: number; readonly sharePercent: number };
  /** Calls. */
  readonly hourlyBudget: number;
  readonly worker: { readonly concurrency: number };
  readonly retry: {
    readonly attempts: number;
    readonly baseMs: number;
    readonly capMs: number;
    readonly defaultPauseMs: number;
  };
  readonly halt: { readonly probeMs: number; readonly seatsProbeMs: number; readonly identicalRefusals: number };
  readonly retention: { readonly jobs: { readonly count: number; readonly ageS: number }; readonly runs: number };
  readonly roster: RosterOptions & { readonly leadDays: number };
}

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Paths are taken from `cwd`. Pure: nothing is read here. */
export function buildConfig(
  values: ConfigValues,
  around: { readonly cwd: string; readonly machineTimeZone: string; readonly clientSecret: () => string },
): Config {
  const { tallyfy, inbox, retry, halt, retention } = values;
  const clientId = tallyfy.client_id ?? "";
  return {
    tallyfy: {
      orgId: (tallyfy.org_id ?? "").toLowerCase(),
      tokenUrl: tallyfy.token_url,
      apiUrl: tallyfy.api_url,
      adminEmail: tallyfy.admin_email,
      caFile: tallyfy.ca_file === null ? null : resolve(around.cwd, tallyfy.ca_file),
      connectTimeoutMs: tallyfy.connect_timeout_ms,
      headersTimeoutMs: tallyfy.headers_timeout_ms,
      callTimeoutMs: tallyfy.call_timeout_ms,
      maxBodyBytes: tallyfy.max_body_bytes,
    },
    credentials: () => ({ clientId, clientSecret: around.clientSecret() }),
    redis: redisPlace(values.redis, around.cwd),
    dataDir: resolve(around.cwd, values.data_dir),
    host: values.host,
    port: values.port,
    dashboard: values.dashboard,
    tokenEncryptionKey: values.token_encryption_key,
    logLevel: values.log_level,
    inbox: { settleMs: inbox.settle_ms, scanMs: inbox.scan_ms, usePolling: inbox.use_polling },
    schedule: { cron: values.schedule.cron, timeZone: values.schedule.timezone ?? around.machineTimeZone },
    limits: { createCount: values.limits.create_count, createPercent: values.limits.create_percent },
    trust: trustLimits(values.trust),
    rate: {
      perSecond: values.rate.per_second,
      maxPerSecond: values.rate.max_per_second ?? Math.max(CAREFUL_MAX_PER_SECOND, values.rate.per_second),
      sharePercent: values.rate.share_percent,
    },
    hourlyBudget: values.hourly_budget,
    worker: values.worker,
    retry: {
      attempts: retry.attempts,
      baseMs: retry.base_ms,
      capMs: retry.cap_ms,
      defaultPauseMs: retry.default_pause_ms,
    },
    halt: { probeMs: halt.probe_ms, seatsProbeMs: halt.seats_probe_ms, identicalRefusals: halt.identical_refusals },
    retention: { jobs: { count: retention.jobs.count, ageS: retention.jobs.age_s }, runs: retention.runs },
    roster: rosterOptions(values.roster),
  };
}

function redisPlace(redis: ConfigValues["redis"], cwd: string): Config["redis"] {
  const path = (file: string | null) => (file === null ? null : resolve(cwd, file));
  return {
    url: redis.url,
    user: redis.user,
    password: redis.password,
    sentinels: hostPorts(redis.sentinels),
    sentinelName: redis.sentinel_name,
    sentinelUser: redis.sentinel_user,
    sentinelPassword: redis.sentinel_password,
    cluster: hostPorts(redis.cluster),
    isTls: redis.tls,
    caFile: path(redis.ca_file),
    certFile: path(redis.cert_file),
    keyFile: path(redis.key_file),
  };
}

/** The list is well-formed: the schema saw to it. */
function hostPorts(text: string | null): readonly HostPort[] {
  return text === null ? [] : (parseHostPorts(text) ?? []);
}

function trustLimits(trust: ConfigValues["trust"]): TrustLimits {
  return {
    toleratedCount: trust.tolerated_count,
    rowsFewerPercent: trust.rows_fewer_percent,
    rowsMorePercent: trust.rows_more_percent,
    rowsMoreCount: trust.rows_more_count,
    peopleGonePercent: trust.people_gone_percent,
    issuesPercent: trust.issues_percent,
    blanksPercent: trust.blanks_percent,
    columnsDoubtedCount: trust.columns_doubted_count,
    fieldsChangedCount: trust.fields_changed_count,
    columnsChangedPercent: trust.columns_changed_percent,
    trailerCountDifference: trust.trailer_count_difference,
    isTrailerRequired: trust.trailer_required,
    asOfOlderDays: trust.as_of_older_days,
    asOfAheadDays: trust.as_of_ahead_days,
    isAsOfRequired: trust.as_of_required,
    shrunkPercent: trust.shrunk_percent,
    shrunkDays: trust.shrunk_days,
  };
}

function rosterOptions(roster: ConfigValues["roster"]): Config["roster"] {
  const { columns, role } = roster;
  const named = {
    employeeId: columns.employee_id,
    email: columns.email,
    firstName: columns.first_name,
    lastName: columns.last_name,
    lastNamePrefix: columns.last_name_prefix,
    fullName: columns.full_name,
    role: columns.role,
    timeZone: columns.timezone,
    status: columns.status,
    startDate: columns.start_date,
    endDate: columns.end_date,
  };
  return {
    columns: Object.fromEntries(Object.entries(named).filter(([, header]) => header !== undefined)),
    emailPattern: roster.email_pattern,
    emailLetters: roster.email_letters,
    delimiter: delimiterOf(roster.delimiter),
    encoding: roster.encoding,
    role: {
      ...(role.column === null ? {} : { column: role.column }),
      values: role.values,
      rules: role.rules,
      default: role.default,
      allowAdmin: role.allow_admin,
    },
    timeZone: { default: roster.timezone },
    names: { order: roster.names.order, tooLong: roster.names.too_long },
    dates: {
      order: roster.dates.order,
      startOrder: roster.dates.start_order,
      endOrder: roster.dates.end_order,
    },
    status: roster.status,
    include: roster.include,
    exclude: roster.exclude,
    maxRecordBytes: roster.max_record_bytes,
    leadDays: roster.lead_days,
  };
}

function delimiterOf(word: ConfigValues["roster"]["delimiter"]): "auto" | Delimiter {
  return word === "tab" ? "\t" : word;
}
