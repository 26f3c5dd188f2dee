using System.Globalization;
using Broker.Contracts;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_jobs_end_their_processes
{
    private const int Crashes = 6;

    public When_jobs_end_their_processes() => TestBroker.Require();

    [Fact]
    public async Task Only_the_crashers_among_ten_thousand_items_fail_and_within_a_minute()
    {
        const int Count = 10_000;
        var crashers = new Dictionary<int, string> { [791] = "exit", [1186] = "crash", [1542] = "overflow", [2471] = "exit", [5305] = "throw-on-a-thread", [6468] = "crash", [8779] = "exit" };
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 4, Concurrency = 4 });
        var items = string.Concat(Enumerable.Range(0, Count).Select(n => $"[\"{crashers.GetValueOrDefault(n, "well")}\",{n}]\n"));
        await using var producer = Programs.StartProducer(["map", fleet.Kind("behave"), "-f", "-", "--chunk", "100"], keepInput: true);
        await producer.Input.WriteAsync(items);
        producer.Input.Close();

        var end = await producer.EndAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(Enumerable.Range(0, Count).Select(n => crashers.ContainsKey(n) ? "null" : $"{n}"), end.OutputLines);
        Assert.Equal(crashers.Count, end.ExitCode);
        // With the line of titles.
        foreach (var which in new[] { Array.Empty<string>(), ["--where", $"type={FailureTypes.Crashed}"] })
            Assert.Equal(crashers.Count + 1, (await Programs.RunProducerAsync(["dead", "list", fleet.Kind("behave"), .. which])).OutputLines.Length);
    }

    [Theory]
    [InlineData("exit")]
    [InlineData("overflow")]
    public async Task One_alone_is_given_up_after_six_crashes_and_within_seconds(string manner)
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 2 });
        await using var producer = Programs.StartProducer(["call", fleet.Kind("behave"), $"[\"{manner}\",1]"]);
        var end = await producer.EndAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, end.ExitCode);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"crashed: {Crashes} processes ended while they ran it"), end.Error, StringComparison.Ordinal);
        Assert.Equal(Crashes, fleet.Program.Error.ToString().Split("a new one starts in 0.2 s").Length - 1);
    }
}
