using System.Globalization;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

[Collection(OwnBroker.Name)]
public sealed class When_the_broker_restarts(OwnBroker own)
{
    private readonly PrivateBroker _broker = own.Require();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_running_map_continues_and_every_item_has_one_result(bool killed)
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Url = _broker.Url, Kinds = ["pair"], Processes = 2 });
        await using var producer = Programs.StartProducer(["map", fleet.Kind("pair"), "-f", "-", "--chunk", "10"], _broker.Url, keepInput: true);
        await FeedAsync(0, 3000);
        await producer.WaitForOutputAsync(text => text.Length > 1000, "some results");
        var feeding = FeedAsync(3000, 6000);
        await (killed ? _broker.KillAsync() : _broker.StopAsync());
        await producer.WaitForErrorAsync("lost; waiting for it to come back");
        await _broker.StartAgainAsync();
        await producer.WaitForErrorAsync("connection to RabbitMQ restored; going on");
        await feeding;
        producer.Input.Close();

        var end = await producer.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(Enumerable.Range(0, 6000).Select(n => $"\"{n}/{n + 1}\""), end.OutputLines);
        Assert.False(fleet.Program.HasEnded);
        Assert.Equal(2, fleet.ChildIds.Count);

        async Task FeedAsync(int from, int to)
        {
            for (var n = from; n < to; n++)
                await producer.Input.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"[{n},{n + 1}]\n"));
            await producer.Input.FlushAsync();
        }
    }

    [Fact]
    public async Task A_running_job_is_redelivered_and_answered_once()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Url = _broker.Url, Kinds = ["gated"] });
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("gated"), .. gate.Items(1)], _broker.Url);
        await gate.WaitForStartsAsync(1);
        await _broker.KillAsync();
        await fleet.Program.WaitForErrorAsync("requeued: the connection is lost");
        gate.Open();
        await _broker.StartAgainAsync();
        var end = await producer.EndAsync();
        Assert.Equal((0, 1), (end.ExitCode, end.OutputLines.Length));
    }

    [Fact]
    public async Task Published_jobs_survive_the_restart()
    {
        var plan = new FleetPlan { Url = _broker.Url, Kinds = ["gated"], Concurrency = 4 };
        using var gate = new Gate();
        await using (var producer = Programs.StartProducer(["publish", plan.Kind("gated"), .. gate.Items(4)], _broker.Url))
            Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        await _broker.KillAsync();
        await _broker.StartAgainAsync();
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        await gate.WaitForStartsAsync(4);
        gate.Open();
        Assert.Equal([0, 1, 2, 3], gate.Begun.Select(begun => begun.Number).Order());
    }

    [Fact]
    public async Task A_consumer_started_without_the_broker_waits_for_it()
    {
        await _broker.StopAsync();
        var plan = new FleetPlan { Url = await _broker.UrlWhileDownAsync(), Kinds = ["pair"], Processes = 2 };
        await using var fleet = ConsumerFleet.Launch(plan);
        await fleet.Program.WaitForErrorAsync("waiting for the broker: no RabbitMQ at");
        await _broker.StartAgainAsync();
        await fleet.WaitUntilReadyAsync();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("pair"), "[1,2]"], _broker.Url);
        Assert.Equal("\"1/2\"\n", (await producer.EndAsync()).Output);
    }

    [Fact]
    public async Task Readiness_follows_the_broker_and_liveness_does_not()
    {
        var port = FreePort.Next();
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Url = _broker.Url, Kinds = ["pair"], More = ["--health-port", $"{port}"] });
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal((200, 200), (await StatusAsync("/health/live"), await StatusAsync("/health/ready")));
        await _broker.StopAsync();
        await fleet.Program.WaitForErrorAsync("reconnecting");
        Assert.Equal((200, 503), (await StatusAsync("/health/live"), await StatusAsync("/health/ready")));
        await _broker.StartAgainAsync();
        await fleet.Program.WaitForErrorAsync("restored");
        Assert.Equal((200, 200), (await StatusAsync("/health/live"), await StatusAsync("/health/ready")));

        async Task<int> StatusAsync(string path)
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            return (int)answer.StatusCode;
        }
    }
}
