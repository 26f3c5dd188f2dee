using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_telemetry_is_exported
{
    [Fact]
    public async Task Spans_and_metrics_of_both_programs_reach_the_collector_before_they_end()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"], Environment = collector.Environment });
        var kind = fleet.Kind("pair");
        await using var producer = Programs.StartProducer(["call", kind, "[1,2]"], environment: collector.Environment);
        var call = await producer.EndAsync();
        Assert.True(call is { ExitCode: 0, Error: "" }, $"{call}");
        Assert.Contains(collector.From("/v1/traces", "broker-producer"), body => body.Contains($"send broker.jobs.{kind}", StringComparison.Ordinal));
        Assert.Contains(collector.From("/v1/metrics", "broker-producer"), body => body.Contains("messaging.client.sent.messages", StringComparison.Ordinal));
        fleet.Program.Signal("TERM");
        await fleet.Program.EndAsync();
        Assert.Contains(collector.From("/v1/traces", "broker-consumer"), body => body.Contains($"process broker.jobs.{kind}", StringComparison.Ordinal));
        Assert.Contains(collector.From("/v1/metrics", "broker-consumer"), body => body.Contains("messaging.process.duration", StringComparison.Ordinal) && body.Contains("dotnet.gc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_name_of_the_service_may_be_another()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"] });
        await using var producer = Programs.StartProducer(["call", fleet.Kind("pair"), "[1,2]"], environment: new Dictionary<string, string?>(collector.Environment) { ["OTEL_SERVICE_NAME"] = "nightly-import" });
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        Assert.NotEmpty(collector.From("/v1/traces", "nightly-import"));
        Assert.Empty(collector.From("/v1/traces", "broker-producer"));
    }

    [Fact]
    public async Task A_collector_that_is_not_there_is_one_line_at_debug()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"] });
        var nobody = new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://user:kept-secret@127.0.0.1:{FreePort.Next()}" };
        await using var quiet = Programs.StartProducer(["call", fleet.Kind("pair"), "[1,2]"], environment: nobody);
        var end = await quiet.EndAsync();
        Assert.True(end is { ExitCode: 0, Error: "" }, $"{end}");
        await using var debug = Programs.StartProducer(["call", fleet.Kind("pair"), "[1,2]", "--log-level", "debug"], environment: nobody);
        end = await debug.EndAsync();
        Assert.Single(end.Error.Split('\n'), line => line.Contains("telemetry is not taken", StringComparison.Ordinal));
        Assert.DoesNotContain("kept-secret", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_that_is_not_usable_ends_the_program_with_64()
    {
        await using var producer = Programs.StartProducer(["status"], environment: new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", ["OTEL_EXPORTER_OTLP_HEADERS"] = "no-equals-sign" });
        var end = await producer.EndAsync();
        Assert.Equal(64, end.ExitCode);
        Assert.Contains("a variable OTEL_* is not usable", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_never_answers_is_left_after_a_moment()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"] });
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        var begun = Stopwatch.GetTimestamp();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("pair"), "[1,2]"], environment: new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{((IPEndPoint)deaf.LocalEndpoint).Port}" });
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        // The exporter itself would wait ten.
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task Prometheus_scrapes_the_health_port_and_sees_what_was_done()
    {
        var port = FreePort.Next();
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"], More = ["--health-port", $"{port}"] });
        var kind = fleet.Kind("pair");
        using var client = new HttpClient();
        var before = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
        Assert.Contains("dotnet_gc_collections_total", before, StringComparison.Ordinal);
        Assert.Equal(0, Sample(before, "broker_job_running", kind));
        Assert.Null(Sample(before, "broker_items_completed_total", kind));
        var map = await Programs.RunProducerAsync("map", kind, "[1,2]", "[3,4]", "[5,6]");
        Assert.True(map.ExitCode == 0, $"{map}");
        // Outcomes reach the caller just before they are counted, and an answer is kept for a moment.
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (Sample(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), limit.Token), "broker_items_completed_total", kind) != 3)
            await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
    }

    private static double? Sample(string text, string name, string kind) =>
        text.Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains($"broker_kind=\"{kind}\"", StringComparison.Ordinal))
            .Select(line => (double?)double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).SingleOrDefault();
}
