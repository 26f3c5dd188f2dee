using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_the_fleet_is_inspected(When_the_fleet_is_inspected.Fleet fleet) : IClassFixture<When_the_fleet_is_inspected.Fleet>
{
    private readonly ConsumerFleet _fleet = fleet.Require();

    [Fact]
    public async Task Kinds_shows_args_and_concurrency()
    {
        var end = await Programs.RunProducerAsync("kinds");
        Assert.Equal(0, end.ExitCode);
        Assert.Matches(@"^ARGS +PROC +SLOTS\n", end.Output);
        Assert.Matches($@"(?m)^{_fleet.Kind("pair")}\(left: integer, right: integer\) +2 +6$", end.Output);
        Assert.Matches($@"(?m)^{_fleet.Kind("behave")}\(as: text, number: integer\?\) +2 +6$", end.Output);
    }

    [Fact]
    public async Task Kinds_in_full_shows_the_schema_of_each_kind()
    {
        var end = await Programs.RunProducerAsync("kinds", "--output", "full");
        var kind = Assert.Single(end.OutputLines.Select(line => JsonDocument.Parse(line).RootElement), line => line.GetProperty("kind").GetString() == _fleet.Kind("pair"));
        Assert.Equal(6, kind.GetProperty("concurrency").GetInt32());
        Assert.Equal(["left", "right"], kind.GetProperty("argsSchema").GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task Status_shows_every_process_and_its_running_jobs()
    {
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["map", _fleet.Kind("gated"), .. gate.Items(8), "--chunk", "1"]);
        await gate.WaitForStartsAsync(6);
        var busy = await Programs.RunProducerAsync("status");
        gate.Open();
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);

        Assert.Equal(0, busy.ExitCode);
        Assert.Matches($@"(?m)^{_fleet.Kind("gated")} +2 +6 +6 +2 +0 +0 +- +0$", busy.Output);
        foreach (var id in _fleet.ChildIds)
            Assert.Matches($@"(?m)^{Environment.MachineName} +{id} +consumer-\d +3 ", busy.Output);
    }

    [Fact]
    public async Task Status_in_full_is_one_json_document()
    {
        var end = await Programs.RunProducerAsync("status", "--output", "full");
        var status = JsonDocument.Parse(Assert.Single(end.OutputLines)).RootElement;
        Assert.Contains(status.GetProperty("kinds").EnumerateArray(), kind => kind.GetProperty("kind").GetString() == _fleet.Kind("pair"));
        Assert.Superset(_fleet.ChildIds.ToHashSet(), status.GetProperty("processes").EnumerateArray().Select(process => process.GetProperty("pid").GetInt32()).ToHashSet());
    }

    [Fact]
    public async Task Watch_repeats_the_status_until_interrupted()
    {
        await using var producer = Programs.StartProducer(["status", "--watch"]);
        await producer.WaitForOutputAsync(text => text.Split("KIND").Length >= 3, "two looks");
        producer.Signal("INT");
        var end = await producer.EndAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(("", 0), (end.Error, end.ExitCode));
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["pair", "behave", "gated"], Processes = 2, Concurrency = 3 };
    }
}
