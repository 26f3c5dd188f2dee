using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_the_management_plugin_is_asked(When_the_management_plugin_is_asked.ManagedBroker managed) : IClassFixture<When_the_management_plugin_is_asked.ManagedBroker>
{
    private readonly PrivateBroker _broker = managed.Require();

    [Fact]
    public async Task Status_shows_what_the_broker_counts()
    {
        using var gate = new Gate();
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"], Processes = 2, Concurrency = 3, Url = _broker.Url });
        await using var producer = Programs.StartProducer(["map", fleet.Kind("gated"), .. gate.Items(20), "--chunk", "1"], _broker.Url);
        await gate.WaitForStartsAsync(6);
        await managed.WaitForCountsAsync(fleet.Kind("gated"), ready: 14, unacknowledged: 6);
        var page = await RunAsync("status");
        var json = JsonDocument.Parse((await RunAsync("status", fleet.Kind("gated"), "-o", "json")).Output).RootElement.GetProperty("kinds").EnumerateArray().Single();
        gate.Open();
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);

        Assert.Matches(@"(?m)^KIND +READY +UNACKED +RUN +SLOTS", page.Output);
        Assert.Matches($@"(?m)^{fleet.Kind("gated")} +14 +6 +6 +6 ", page.Output);
        Assert.Equal((14, 6), (json.GetProperty("ready").GetInt64(), json.GetProperty("unacknowledged").GetInt64()));
        Assert.Equal((0, ""), (page.ExitCode, page.Error));
    }

    [Fact]
    public async Task Doctor_names_a_policy_that_loses_jobs()
    {
        var kind = $"policed-{FleetPlan.NewSuffix()}";
        Assert.Equal(0, (await RunAsync("publish", kind, "1", "--chunk", "1")).ExitCode);
        var well = await RunAsync("doctor");
        Assert.Matches(@"(?m)^ok     nodes: broker@localhost uses \S+ of \S+ of memory, \S+ of disk are free$", well.Output);
        Assert.Contains("ok     policies: none changes what the queues declare\n", well.Output, StringComparison.Ordinal);
        await _broker.ControlAsync("set_policy", "short-lived", $"^broker\\.jobs\\.{kind}$", """{"message-ttl":86400000}""", "--apply-to", "queues");
        await managed.WaitForAsync(queue => queue.GetProperty("name").GetString() == $"broker.jobs.{kind}" && queue.TryGetProperty("policy", out var policy) && policy.GetString() == "short-lived");
        var ill = await RunAsync("doctor");
        await _broker.ControlAsync("clear_policy", "short-lived");
        Assert.Contains($"wrong  policies: short-lived sets message-ttl on broker.jobs.{kind}: jobs may be lost, refused or kept too long: leave ^broker\\. out of its pattern\n", ill.Output, StringComparison.Ordinal);
        Assert.Equal(1, ill.ExitCode);
    }

    [Fact]
    public async Task A_plugin_that_is_away_or_refuses_us_is_one_line_and_the_rest_is_shown()
    {
        var away = await RunAsync("status", "--management", "http://127.0.0.1:1");
        Assert.Contains("! management: the management plugin at 127.0.0.1:1 cannot be asked (Connection refused", away.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (away.ExitCode, away.Error));
        var refused = await RunAsync("doctor", "--management", managed.Management.Replace("http://", "http://nobody:secret-word@", StringComparison.Ordinal));
        Assert.Contains("wrong  management: the management plugin at 127.0.0.1:", refused.Output, StringComparison.Ordinal);
        Assert.Contains("refuses user 'nobody'", refused.Output, StringComparison.Ordinal);
        Assert.Contains("ok     broker: RabbitMQ ", refused.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", $"{refused}", StringComparison.Ordinal);
        Assert.Equal(1, refused.ExitCode);
        var wrong = await RunAsync("status", "--management", "localhost");
        Assert.Equal((64, ""), (wrong.ExitCode, wrong.Output));
        Assert.Contains("the address of the management plugin (BROKER_MANAGEMENT or --management) is no URL", wrong.Error, StringComparison.Ordinal);
    }

    private async Task<ProgramEnd> RunAsync(params string[] arguments)
    {
        await using var producer = Programs.StartProducer(arguments, _broker.Url, new Dictionary<string, string?> { ["BROKER_MANAGEMENT"] = managed.Management });
        return await producer.EndAsync();
    }

    /// <summary>A broker with the plugin.</summary>
    public sealed class ManagedBroker : IAsyncLifetime
    {
        private readonly int _port = FreePort.Next();
        private readonly HttpClient _http = new();
        private PrivateBroker? _broker;

        /// <summary>Where the plugin is; its user is the broker's.</summary>
        public string Management => $"http://127.0.0.1:{_port}";

        public PrivateBroker Require()
        {
            PrivateBroker.Require();
            return _broker!;
        }

        public async ValueTask InitializeAsync()
        {
            if (!PrivateBroker.CanBeStarted)
                return;
            // Its counts are as old as this interval, in milliseconds.
            var settings = $$"""[{rabbitmq_management, [{tcp_config, [{port, {{_port}}}, {ip, "127.0.0.1"}]}]}, {rabbit, [{collect_statistics_interval, 1000}]}].""";
            _broker = await PrivateBroker.StartAsync(settings, "[rabbitmq_management].");
            var credentials = Uri.UnescapeDataString(new Uri(_broker.Url).UserInfo);
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        public Task WaitForCountsAsync(string kind, long ready, long unacknowledged) => WaitForAsync(queue =>
            queue.GetProperty("name").GetString() == $"broker.jobs.{kind}"
            && queue.TryGetProperty("messages_ready", out var waiting) && waiting.GetInt64() == ready && queue.GetProperty("messages_unacknowledged").GetInt64() == unacknowledged);

        /// <summary>Waits until the plugin shows such a queue.</summary>
        public async Task WaitForAsync(Func<JsonElement, bool> condition)
        {
            using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
            while (!JsonDocument.Parse(await _http.GetStringAsync($"{Management}/api/queues", limit.Token)).RootElement.EnumerateArray().Any(condition))
                await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            if (_broker is not null)
                await _broker.DisposeAsync();
        }
    }
}
