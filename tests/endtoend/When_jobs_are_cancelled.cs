using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_jobs_are_cancelled
{
    public When_jobs_are_cancelled() => TestBroker.Require();

    [Fact]
    public async Task A_published_batch_is_by_its_id()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"], Concurrency = 2 });
        using var gate = new Gate();
        var published = await Programs.RunProducerAsync(["publish", fleet.Kind("gated"), .. gate.Items(20)]);
        await gate.WaitForStartsAsync(2);
        var end = await Programs.RunProducerAsync("cancel", published.Output.Trim());
        Assert.Equal(("", "producer: cancelled: what runs is ending, what does not will not start\n", 0), (end.Output, end.Error, end.ExitCode));
        using var later = new Gate();
        later.Open();
        Assert.Equal(0, (await Programs.RunProducerAsync("call", fleet.Kind("gated"), later.Item(1))).ExitCode);
        Assert.Equal(2, gate.Begun.Count);
    }

    [Fact]
    public async Task A_map_that_is_cancelled_by_somebody_else_ends_with_the_number_of_its_items()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"] });
        using var gate = new Gate();
        await using var map = Programs.StartProducer(["map", fleet.Kind("gated"), .. gate.Items(5), "--chunk", "1", "--log-level", "debug"]);
        await gate.WaitForStartsAsync(1);
        var batch = map.Error.ToString().Split("] batch ", 2).Last().Split("batch ").Last()[..36];
        Assert.Equal(0, (await Programs.RunProducerAsync("cancel", batch)).ExitCode);
        var end = await map.EndAsync(TimeSpan.FromSeconds(15));
        Assert.Equal((string.Concat(Enumerable.Repeat("null\n", 5)), 5), (end.Output, end.ExitCode));
        Assert.Contains("cancelled", end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'x' is no id of a batch or a job", "x")]
    [InlineData("ID is missing")]
    public async Task What_is_no_id_is_refused(string message, params string[] ids)
    {
        var end = await Programs.RunProducerAsync(["cancel", .. ids]);
        Assert.Equal(64, end.ExitCode);
        Assert.Contains(message, end.Error, StringComparison.Ordinal);
    }
}
