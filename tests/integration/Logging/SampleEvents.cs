using System.Text.Json.Nodes;

namespace Broker.Tests.Integration.Logging;

/// <summary>
/// Log events of a small fleet around noon, by name. Job 1 succeeds on process a; job 2 is requeued by b and fails on a; a batch of a
/// second producer has a slow job, one over its limit and one too late.
/// </summary>
internal static class SampleEvents
{
    private const string Job1 = "01a1fea4-ed9d-728e-833f-7ee5b4d8a0ca";
    private const string Job2 = "01a1fea4-ed9f-7be7-9d67-4a7396ab6c46";
    private const string Batch1 = "01a1fea4-ed9c-7101-8d42-3f0e6a1b2c3d";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    /// <summary>The producer.</summary>
    private static readonly JsonObject P = Process("broker-producer", "p1", 812, 1772366300500, "1.1.0");

    /// <summary>A consumer; b, on another host, has the same process id, and so had an earlier process on its host.</summary>
    private static readonly JsonObject A = With(Process("broker-consumer", "c2", 4711, 1772366300000, "1.1.0"), ("process.parent.pid", 4700));
    private static readonly JsonObject Earlier = Process("broker-consumer", "c2", 4711, 1772200000000, "1.1.0");
    private static readonly JsonObject B = With(Process("broker-consumer", "c3", 4711, 1772366200000, "1.0.0"), ("container.id", "5d2c0f9e8b7a"));
    private static readonly JsonObject S = Process("broker-consumer", "c2", 4700, 1772366200000, "1.1.0");

    public static IReadOnlyDictionary<string, JsonObject> All { get; } = new (string Name, JsonObject Event)[]
    {
        ("earlier-started", At("2026-02-28T12:00:00Z", Earlier, "process-started", "started")),
        ("b-started", At("2026-03-01T11:50:00Z", B, "process-started", "started")),
        ("a-started", At("2026-03-01T11:58:00Z", A, "process-started", "started", ("event.sequence", 1))),
        ("a-ready", At("2026-03-01T11:58:01Z", A, "process-ready", "ready in 310 ms", ("event.sequence", 2))),
        ("p-submitted", At("2026-03-01T12:00:00Z", P, "batch-submitted", "batch begins", ("labels.batch_id", Batch1), ("trace.id", Trace))),
        ("job1-submitted", At("2026-03-01T12:00:00.1Z", P, "job-submitted", "sent", ("log.level", "debug"), ("labels.job_id", Job1), ("labels.batch_id", Batch1), ("trace.id", Trace))),
        ("job1-received", Job(Job1, "double", 1, "2026-03-01T12:00:00.2Z", A, "job-received", "received", ("event.sequence", 3), ("log.level", "debug"), ("trace.id", Trace))),
        ("job1-started", Job(Job1, "double", 1, "2026-03-01T12:00:00.3Z", A, "job-started", "started with 2 items", ("event.sequence", 4), ("log.level", "debug"), ("trace.id", Trace))),
        ("job1-completed", Job(Job1, "double", 1, "2026-03-01T12:00:01Z", A, "job-completed", "done in 12 ms", ("event.sequence", 5), ("event.duration", 12_000_000), ("labels.items", "2"), ("labels.failed", "0"), ("trace.id", Trace))),
        ("job1-answered", At("2026-03-01T12:00:01.1Z", P, "job-answered", "answered", ("labels.job_id", Job1), ("labels.batch_id", Batch1), ("trace.id", Trace))),
        ("job2-started-b", Job(Job2, "word-count", 1, "2026-03-01T12:00:02Z", B, "job-started", "started with 1 items", ("log.level", "debug"))),
        ("job2-returned", Job(Job2, "word-count", 1, "2026-03-01T12:00:03Z", B, "job-returned", "requeued: this process stops")),
        ("job2-started-a", Job(Job2, "word-count", 2, "2026-03-01T12:00:04Z", A, "job-started", "started with 1 items", ("event.sequence", 6), ("log.level", "debug"))),
        ("job2-failed", Job(Job2, "word-count", 2, "2026-03-01T12:00:05Z", A, "job-failed", "item 3 failed", ("event.sequence", 7), ("log.level", "warning"), ("labels.index", "3"), ("error.type", "System.TimeoutException"), ("error.message", "connection refused by db7"), ("error.stack_trace", "at Db.Open()"))),
        ("job2-dead", Job(Job2, "word-count", 2, "2026-03-01T12:00:06Z", A, "job-dead-lettered", "1 items were dead-lettered", ("event.sequence", 8), ("log.level", "warning"))),
        ("job2-completed", Job(Job2, "word-count", 2, "2026-03-01T12:00:07Z", A, "job-completed", "done in 3 ms", ("event.sequence", 9), ("event.duration", 3_000_000), ("labels.failed", "1"))),
        ("p-finished", At("2026-03-01T12:00:08Z", P, "batch-finished", "batch is complete", ("labels.batch_id", Batch1), ("trace.id", Trace))),
        ("job3-completed", Other("job-3", "word-count", "2026-03-01T12:10:00Z", B, "job-completed", "done in 2500 ms", ("event.duration", 2_500_000_000))),
        ("job4-timed-out", Other("job-4", "sleep", "2026-03-01T12:11:00Z", B, "job-timed-out", "over its limit of 5 s", ("log.level", "warning"), ("error.type", "System.TimeoutException"), ("error.message", "stopped after 5 s"))),
        ("job5-expired", Other("job-5", "word-count", "2026-03-01T12:12:00Z", A, "job-expired", "not run", ("event.sequence", 10), ("error.type", "expired"), ("error.message", "the deadline passed before it was started"))),
        ("job6-split", Other("job-6", "double", "2026-03-01T12:13:00Z", A, "job-split", "split into 4 jobs", ("event.sequence", 11), ("log.level", "warning"), ("labels.deliveries", "4"))),
        ("job7-completed", Other("job-7", "double", "2026-03-01T12:13:30Z", A, "job-completed", "done in 1000 ms", ("event.sequence", 12), ("event.duration", 1_000_000_000))),
        ("job8-failed", Other("job-8", "double", "2026-03-01T12:13:40Z", A, "job-failed", "item 0 failed", ("event.sequence", 13), ("log.level", "warning"), ("error.type", "System.FormatException"), ("error.message", "refused: no connection is named"))),
        ("job9-retried", Other("job-9", "double", "2026-03-01T12:13:50Z", B, "job-retried", "item 0 is run again in 4 s", ("labels.index", "0"))),
        ("job10-cancelled", Other("job-10", "double", "2026-03-01T12:13:55Z", B, "job-cancelled", "cancelled before it started")),
        ("p-cancelled", At("2026-03-01T12:14:00Z", P, "batch-cancelled", "the deadline passed", ("labels.batch_id", "batch-2"), ("log.level", "warning"))),
        ("s-signal", At("2026-03-01T12:15:00Z", S, "process-crashed", "child process 4712 was killed", ("log.level", "error"), ("labels.child_pid", "4712"), ("labels.signal", "SIGKILL"), ("process.exit_code", 137))),
        ("s-exit", At("2026-03-01T12:16:00Z", S, "process-crashed", "child process 4713 ended", ("log.level", "error"), ("labels.child_pid", "4713"), ("process.exit_code", 3))),
        ("b-lost", At("2026-03-01T12:20:00Z", B, "broker-lost", "connection lost", ("log.level", "warning"), ("error.type", "System.IO.IOException"), ("error.message", "connection reset"))),
        ("b-restored", At("2026-03-01T12:20:09Z", B, "broker-restored", "connection restored")),
        ("a-waiting", At("2026-03-01T12:20:05Z", A, "broker-waiting", "waiting for the broker", ("event.sequence", 14), ("log.level", "warning"))),
        ("p-blocked", At("2026-03-01T12:21:00Z", P, "broker-blocked", "short of memory", ("log.level", "warning"))),
        ("p-unblocked", At("2026-03-01T12:22:00Z", P, "broker-unblocked", "takes messages again")),
        ("a-dropped", At("2026-03-01T12:23:00Z", A, "logs-dropped", "12 events were dropped", ("event.sequence", 15), ("log.level", "warning"), ("labels.info", "12"))),
        ("p-rejected", At("2026-03-01T12:23:30Z", P, "logs-rejected", "Elasticsearch refused 3 events", ("log.level", "warning"), ("labels.rejected", "3"))),
        ("b-level", At("2026-03-01T12:24:00Z", B, "log-level-changed", "level is debug")),
        ("b-fatal", At("2026-03-01T12:25:00Z", B, "process-stopping", "taking back no more", ("log.level", "fatal"), ("error.type", "System.OutOfMemoryException"))),
        ("b-stopped", At("2026-03-01T12:26:00Z", B, "process-stopped", "stopped")),
    }.ToDictionary(sample => sample.Name, sample => sample.Event);

    private static JsonObject Process(string service, string host, int pid, long started, string version) => new()
    {
        ["log.level"] = "info",
        ["service.name"] = service,
        ["service.version"] = version,
        ["host.hostname"] = host,
        ["process.pid"] = pid,
        ["process.name"] = $"{host}-{pid}",
        ["process.entity_id"] = $"{host}-{pid}-{started}",
    };

    private static JsonObject At(string time, JsonObject process, string action, string message, params (string, JsonNode)[] more) =>
        With(process, [("@timestamp", time), ("event.action", action), ("message", message), .. more]);

    private static JsonObject Job(string id, string kind, int attempt, string time, JsonObject process, string action, string message, params (string, JsonNode)[] more) =>
        At(time, process, action, message, [("labels.job_id", id), ("labels.batch_id", Batch1), ("labels.kind", kind), ("labels.attempt", "1"), ("labels.deliveries", $"{attempt}"), ("labels.producer_pid", "812"), .. more]);

    private static JsonObject Other(string id, string kind, string time, JsonObject process, string action, string message, params (string, JsonNode)[] more) =>
        At(time, process, action, message, [("labels.job_id", id), ("labels.batch_id", "batch-2"), ("labels.kind", kind), ("labels.attempt", "1"), ("labels.deliveries", "1"), ("labels.producer_pid", "999"), .. more]);

    private static JsonObject With(JsonObject fields, params (string Name, JsonNode Value)[] more)
    {
        var result = fields.DeepClone().AsObject();
        foreach (var (name, value) in more)
            result[name] = value.DeepClone();
        return result;
    }
}
