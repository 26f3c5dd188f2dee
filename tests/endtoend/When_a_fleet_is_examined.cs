using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

[Collection(OwnBroker.Name)]
public sealed class When_a_fleet_is_examined(OwnBroker broker) : IAsyncLifetime
{
    private readonly PrivateBroker _broker = broker.Require();

    /// <summary>A virtual host per test: what another test has left on the broker would be found too.</summary>
    private readonly string _host = $"examined-{FleetPlan.NewSuffix()}";

    private string Url => new UriBuilder(_broker.Url) { Path = _host }.Uri.AbsoluteUri;

    public async ValueTask InitializeAsync()
    {
        await _broker.ControlAsync("add_vhost", _host);
        await _broker.ControlAsync("set_permissions", "-p", _host, "broker", ".*", ".*", ".*");
    }

    public async ValueTask DisposeAsync() => await _broker.ControlAsync("delete_vhost", _host);

    [Fact]
    public async Task A_broker_is_afterwards_as_it_was()
    {
        var end = await DoctorAsync(Url);
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Contains("ok     broker: RabbitMQ ", end.Output, StringComparison.Ordinal);
        Assert.Contains("ok     features: quorum queues and stream queues\n", end.Output, StringComparison.Ordinal);
        Assert.Contains("skip   consumers: there has been none yet\n", end.Output, StringComparison.Ordinal);
        Assert.Equal("", (await _broker.ControlAsync("list_queues", "-p", _host, "-q", "--no-table-headers")).Trim());
        var exchanges = await _broker.ControlAsync("list_exchanges", "-p", _host, "-q", "--no-table-headers", "name");
        Assert.All(exchanges.Split('\n').Select(name => name.Trim()).Where(name => name.Length > 0), name => Assert.StartsWith("amq.", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_fleet_that_works_is_well_and_jobs_without_a_consumer_and_dead_letters_are_not()
    {
        var (lost, plan) = ($"lost-{FleetPlan.NewSuffix()}", new FleetPlan { Kinds = ["behave"], Processes = 2, Url = Url });
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        var well = await DoctorAsync(Url);
        Assert.Contains("ok     consumers: 2 answer\n", well.Output, StringComparison.Ordinal);
        Assert.Contains("skip   delays: no job has been delayed yet\n", well.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", well.Output, StringComparison.Ordinal);
        Assert.Equal(0, well.ExitCode);
        await RunAsync("publish", lost, "1", "2", "--chunk", "1");
        await RunAsync("map", plan.Kind("behave"), "[\"reject\",1]", "[\"fail\",1]", "--attempts", "2", "--delay", "2s");
        var ill = await DoctorAsync(Url);
        Assert.Contains($"wrong  {lost}: 2 jobs wait and no consumer serves it: start one, or producer purge {lost}\n", ill.Output, StringComparison.Ordinal);
        Assert.Contains($"wrong  dead letters: {plan.Kind("behave")} 2: producer dead list\n", ill.Output, StringComparison.Ordinal);
        Assert.Contains("ok     delays: all 28 levels are there\n", ill.Output, StringComparison.Ordinal);
        Assert.Equal(1, ill.ExitCode);
    }

    [Fact]
    public async Task Status_counts_the_jobs_that_wait_for_a_retry()
    {
        var plan = new FleetPlan { Kinds = ["behave"], Url = Url };
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        Assert.Equal(JsonValueKind.Null, (await DelayedAsync()).ValueKind);
        await RunAsync("publish", plan.Kind("behave"), "[\"fail\",1]", "[\"fail\",2]", "--chunk", "1", "--delay", "10m");
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (await DelayedAsync() is not { ValueKind: JsonValueKind.Number } delayed || delayed.GetInt64() != 2)
            limit.Token.ThrowIfCancellationRequested();

        async Task<JsonElement> DelayedAsync() => JsonDocument.Parse((await RunAsync("status", "-o", "json")).Output).RootElement.GetProperty("delayed");
    }

    [Fact]
    public async Task A_memory_alarm_is_named_and_the_rest_is_still_examined()
    {
        var kind = $"blocked-{FleetPlan.NewSuffix()}";
        await RunAsync("publish", kind, "1", "2", "--chunk", "1");
        await _broker.ControlAsync("set_vm_memory_high_watermark", "0.000001");
        try
        {
            var status = await RunAsync("status");
            Assert.Contains("! consumers: not asked, for the broker takes no messages: a memory or disk alarm?", status.Output, StringComparison.Ordinal);
            Assert.Matches($@"(?m)^{kind} +2 ", status.Output);
            Assert.Equal(0, status.ExitCode);
            var end = await DoctorAsync(Url);
            Assert.Contains("wrong  alarms: the broker blocks all who publish (low on memory): free memory", end.Output, StringComparison.Ordinal);
            Assert.Contains("skip   consumers: not asked, for the broker takes no messages\n", end.Output, StringComparison.Ordinal);
            Assert.Contains($"wrong  {kind}: 2 jobs wait and no consumer serves it", end.Output, StringComparison.Ordinal);
            Assert.Equal(1, end.ExitCode);
        }
        finally
        {
            await _broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
        }
    }

    [Theory]
    [InlineData("^broker\\.", "^broker\\.", "^broker\\.(jobs|suspects|dead|control|results|kinds|outcomes)", "")]
    [InlineData("^broker\\.", "^broker\\.", "^broker\\.(jobs|suspects|dead|results|outcomes)", "read on queues broker.kinds.*")]
    [InlineData("^broker\\.", "^broker\\.(jobs|suspects|dead|results|kinds|outcomes)", "^broker\\.", "write on exchange broker.control")]
    [InlineData("^broker\\.(jobs|suspects|dead|kinds|outcomes|doctor)", "^broker\\.", "^broker\\.", "configure on queues broker.results.*")]
    public async Task Permissions_that_a_producer_lacks_are_named(string configure, string write, string read, string missing)
    {
        var user = $"u{FleetPlan.NewSuffix()}";
        await _broker.ControlAsync("add_user", user, "secret-word");
        await _broker.ControlAsync("set_permissions", "-p", _host, user, configure, write, read);
        var end = await DoctorAsync(new UriBuilder(Url) { UserName = user, Password = "secret-word" }.Uri.AbsoluteUri);
        Assert.DoesNotContain("secret-word", $"{end}", StringComparison.Ordinal);
        if (missing.Length == 0)
            Assert.Contains($"ok     permissions: user '{user}' may do what a producer does\n", end.Output, StringComparison.Ordinal);
        else
            Assert.Contains($"wrong  permissions: user '{user}' lacks {missing}: rabbitmqctl set_permissions -p {_host} {user} ", end.Output, StringComparison.Ordinal);
        Assert.Equal(missing.Length == 0 ? 0 : 1, end.ExitCode);
        await _broker.ControlAsync("delete_user", user);
    }

    [Fact]
    public async Task A_broker_without_quorum_queues_and_streams_is_told_how_to_have_them()
    {
        await using var bare = await PrivateBroker.StartAsync("[{rabbit, [{forced_feature_flags_on_init, []}]}].");
        if ((await bare.ControlAsync("list_feature_flags", "-q")).Split('\n').Any(line => line.StartsWith("quorum_queue", StringComparison.Ordinal) && line.Contains("enabled", StringComparison.Ordinal)))
            Assert.Skip("this RabbitMQ cannot be without them");
        var end = await DoctorAsync(bare.Url);
        Assert.Matches(@"(?m)^wrong  features: the broker cannot declare a quorum queue, so no job can be queued \(.*\): rabbitmqctl enable_feature_flag quorum_queue$", end.Output);
        Assert.Matches(@"(?m)^wrong  features: the broker cannot declare a stream queue, so .*: rabbitmqctl enable_feature_flag stream_queue$", end.Output);
        Assert.Equal(1, end.ExitCode);
    }

    [Fact]
    public async Task Without_a_broker_the_log_server_is_still_examined()
    {
        await using var producer = Programs.StartProducer(["doctor", "-o", "json"], Programs.NoBroker, new Dictionary<string, string?> { ["ELASTICSEARCH_URL"] = "http://127.0.0.1:1" });
        var end = await producer.EndAsync();
        var findings = end.OutputLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([("broker", "wrong"), ("management", "skip"), ("log server", "wrong")], findings.Select(finding => (finding.GetProperty("check").GetString(), finding.GetProperty("verdict").GetString())));
        Assert.Contains("Set BROKER_URL or --broker", findings[0].GetProperty("what").GetString(), StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:1 does not answer", findings[2].GetProperty("what").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, end.ExitCode);
    }

    private static async Task<ProgramEnd> DoctorAsync(string url)
    {
        await using var producer = Programs.StartProducer(["doctor"], url);
        return await producer.EndAsync();
    }

    private async Task<ProgramEnd> RunAsync(params string[] arguments)
    {
        await using var producer = Programs.StartProducer(arguments, Url);
        return await producer.EndAsync();
    }
}
