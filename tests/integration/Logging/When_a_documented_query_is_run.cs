using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Broker.Logging.Elasticsearch;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Logging;

public sealed partial class When_a_documented_query_is_run
{
    private const string Job1 = "labels.job_id: \"01a1fea4-ed9d-728e-833f-7ee5b4d8a0ca\"";
    private const string Batch1 = "labels.batch_id: \"01a1fea4-ed9c-7101-8d42-3f0e6a1b2c3d\"";
    private const string A = "process.entity_id: \"c2-4711-1772366300000\"";
    private const string Failed = "event.action: (job-failed or job-timed-out or job-expired)";

    /// <summary>The sample events that each query of the page finds.</summary>
    private static readonly Dictionary<string, string> Expected = new()
    {
        [Job1] = "job1-submitted job1-received job1-started job1-completed job1-answered",
        [$"{Job1} and event.action: (job-started or job-completed)"] = "job1-started job1-completed",
        [$"labels.job_id: \"01a1fea4-ed9f-7be7-9d67-4a7396ab6c46\" and {Failed}"] = "job2-failed",
        [Batch1] = "p-submitted job1-submitted job1-received job1-started job1-completed job1-answered job2-started-b job2-returned job2-started-a job2-failed job2-dead job2-completed p-finished",
        [$"{Batch1} and {Failed}"] = "job2-failed",
        ["trace.id: 4bf92f3577b34da6a3ce929d0e0e4736"] = "p-submitted job1-submitted job1-received job1-started job1-completed job1-answered p-finished",
        ["event.action: (batch-submitted or batch-finished or batch-cancelled)"] = "p-submitted p-finished p-cancelled",
        ["process.pid: 4711 and host.hostname: c2 and @timestamp >= \"2026-03-01T12:00:00Z\" and @timestamp < \"2026-03-01T12:05:00Z\""] =
            "job1-received job1-started job1-completed job2-started-a job2-failed job2-dead job2-completed",
        [A] = "a-started a-ready job1-received job1-started job1-completed job2-started-a job2-failed job2-dead job2-completed job5-expired job6-split job7-completed job8-failed a-waiting a-dropped",
        [$"{A} and event.sequence >= 4 and event.sequence <= 6"] = "job1-started job1-completed job2-started-a",
        ["process.parent.pid: 4700 and host.hostname: c2"] =
            "a-started a-ready job1-received job1-started job1-completed job2-started-a job2-failed job2-dead job2-completed job5-expired job6-split job7-completed job8-failed a-waiting a-dropped",
        ["container.id: 5d2c*"] = "b-started job2-started-b job2-returned job3-completed job4-timed-out job9-retried job10-cancelled b-lost b-restored b-level b-fatal b-stopped",
        ["service.name: broker-producer and process.pid: 812"] = "p-submitted job1-submitted job1-answered p-finished p-cancelled p-blocked p-unblocked p-rejected",
        ["service.name: broker-consumer and labels.producer_pid: 812"] =
            "job1-received job1-started job1-completed job2-started-b job2-returned job2-started-a job2-failed job2-dead job2-completed",
        ["event.action: (process-started or process-ready or process-stopping or process-stopped)"] = "earlier-started b-started a-started a-ready b-fatal b-stopped",
        ["event.action: process-started and not service.version: \"1.1.0\""] = "b-started",
        ["event.action: log-level-changed"] = "b-level",
        [Failed] = "job2-failed job4-timed-out job5-expired job8-failed",
        [$"labels.kind: word-count and {Failed}"] = "job2-failed job5-expired",
        ["event.action: job-failed and error.type: *TimeoutException"] = "job2-failed",
        ["error.message: \"connection refused\""] = "job2-failed",
        ["event.action: job-dead-lettered"] = "job2-dead",
        ["event.action: job-timed-out"] = "job4-timed-out",
        ["event.action: job-expired"] = "job5-expired",
        ["event.action: job-retried"] = "job9-retried",
        ["event.action: job-cancelled"] = "job10-cancelled",
        ["log.level: (error or fatal)"] = "s-signal s-exit b-fatal",
        ["error.type: * and not log.level: (error or fatal)"] = "job2-failed job4-timed-out job5-expired job8-failed b-lost",
        ["message: \"this process stops\""] = "job2-returned",
        ["event.action: process-crashed"] = "s-signal s-exit",
        ["event.action: process-crashed and labels.signal: *"] = "s-signal",
        ["event.action: process-crashed and process.exit_code >= 1 and not labels.signal: *"] = "s-exit",
        ["labels.deliveries: * and not labels.deliveries: 1"] = "job2-started-a job2-failed job2-dead job2-completed job6-split",
        ["event.action: (job-split or job-suspected)"] = "job6-split",
        ["event.action: job-returned"] = "job2-returned",
        ["event.action: job-completed and event.duration >= 1000000000"] = "job3-completed job7-completed",
        ["event.action: job-completed and labels.kind: double and event.duration >= 10000000 and event.duration < 1000000000"] = "job1-completed",
        ["event.action: (broker-lost or broker-restored)"] = "b-lost b-restored",
        ["event.action: broker-waiting"] = "a-waiting",
        ["event.action: (broker-blocked or broker-unblocked)"] = "p-blocked p-unblocked",
        ["event.action: logs-dropped"] = "a-dropped",
        ["event.action: logs-rejected"] = "p-rejected",
    };

    private static readonly IReadOnlyList<string> OnThePage =
        [.. Line().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Logging", "QUERIES.md"))).Select(match => match.Groups["kql"].Value)];

    [Fact]
    public void Every_query_has_an_expected_result()
    {
        Assert.NotEmpty(OnThePage);
        Assert.Equal(Expected.Keys.Order(), OnThePage.Order());
        Assert.All(Expected.Values, names => Assert.All(names.Split(' '), name => Assert.Contains(name, SampleEvents.All)));
    }

    [Fact]
    public async Task Every_query_finds_exactly_the_expected_events()
    {
        using var server = TestElasticsearch.Require();
        var stream = $"logs-broker.test{Guid.NewGuid():N}-default";
        await server.SendAsync(HttpMethod.Put, $"_index_template/{DataStreams.Template}", await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Logging", "index-template.json"), TestContext.Current.CancellationToken));
        try
        {
            var written = await server.SendAsync(HttpMethod.Post, "_bulk?refresh=true", Bulk(stream));
            Assert.False((bool)written["errors"]!, written.ToJsonString());
            var wrong = new StringBuilder();
            foreach (var kql in OnThePage)
            {
                var found = string.Join(' ', await FindAsync(server, stream, kql));
                if (found != InOrder(Expected.GetValueOrDefault(kql, "")))
                    wrong.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{kql}\n  finds  {found}\n  not    {InOrder(Expected.GetValueOrDefault(kql, ""))}");
            }

            // Not Assert.Equal, which would truncate the list.
            if (wrong.Length > 0)
                Assert.Fail(wrong.ToString());
        }
        finally
        {
            // Not every tested server can delete a data stream; what remains is small and has a unique name.
            await server.TrySendAsync(HttpMethod.Delete, $"_data_stream/{stream}");
        }
    }

    private static async Task<IEnumerable<string>> FindAsync(TestElasticsearch server, string stream, string kql)
    {
        var search = new JsonObject { ["size"] = 1000, ["_source"] = false, ["query"] = KqlQuery.Translate(kql) };
        var answer = await server.SendAsync(HttpMethod.Post, $"{stream}/_search", search.ToJsonString());
        return answer["hits"]!["hits"]!.AsArray().Select(hit => (string)hit!["_id"]!).Order(StringComparer.Ordinal);
    }

    private static string InOrder(string names) => string.Join(' ', names.Split(' ').Order(StringComparer.Ordinal));

    private static string Bulk(string stream)
    {
        var lines = new StringBuilder();
        foreach (var (name, fields) in SampleEvents.All)
            lines.Append(new JsonObject { ["create"] = new JsonObject { ["_index"] = stream, ["_id"] = name } }.ToJsonString()).Append('\n').Append(fields.ToJsonString()).Append('\n');
        return lines.ToString();
    }

    [GeneratedRegex(@"^\| [^|]+ \| `(?<kql>[^`]+)` \|$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}
