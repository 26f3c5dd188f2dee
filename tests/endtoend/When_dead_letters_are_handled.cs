using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_dead_letters_are_handled(When_dead_letters_are_handled.Fleet fleet) : IClassFixture<When_dead_letters_are_handled.Fleet>, IAsyncLifetime
{
    private readonly ConsumerFleet _fleet = fleet.Require();

    private string Kind => _fleet.Kind("behave");

    public async ValueTask InitializeAsync() => await Programs.RunProducerAsync("dead", "purge", Kind);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_item_is_listed_shown_changed_and_run_again()
    {
        var failed = await Programs.RunProducerAsync("map", Kind, "[\"well\",1]", "[\"reject\",2]", "[\"reject\",3]", "--chunk", "3");
        Assert.Equal(2, failed.ExitCode);
        var list = await Programs.RunProducerAsync("dead", "list", Kind);
        Assert.StartsWith("JOB", list.OutputLines[0], StringComparison.Ordinal);
        Assert.Equal(3, list.OutputLines.Length);
        Assert.Contains("Broker.Contracts.JobRejectedException: item 2 is refused", list.OutputLines[1], StringComparison.Ordinal);
        var job = list.OutputLines[1].Split(' ')[0];
        var shown = await Programs.RunProducerAsync("dead", "show", job);
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("\"index\": 2", shown.Output, StringComparison.Ordinal);
        Assert.Contains($"\"pid\": {_fleet.ChildIds[0]}", shown.Output, StringComparison.Ordinal);
        var dry = await Programs.RunProducerAsync("dead", "redrive", Kind, "--where", "index=2", "--set", "0=well", "--dry-run");
        Assert.Equal("[\"well\",3]\n", dry.Output);
        var redriven = await Programs.RunProducerAsync("dead", "redrive", Kind, "--where", "index=2", "--set", "0=well");
        Assert.Equal(("producer: 1 item sent again, 1 left\n", 0), (redriven.Error, redriven.ExitCode));
        var left = await Programs.RunProducerAsync("dead", "list", Kind, "-o", "full");
        Assert.Equal(1, JsonDocument.Parse(Assert.Single(left.OutputLines)).RootElement.GetProperty("index").GetInt64());
        Assert.Equal("producer: 1 item removed\n", (await Programs.RunProducerAsync("dead", "purge", Kind, "--where", "message~refused")).Error);
        Assert.Equal(1, (await Programs.RunProducerAsync("dead", "show", job)).ExitCode);
    }

    [Theory]
    [InlineData("dead", "list", "--where", "colour=red")]
    [InlineData("dead", "redrive", "some", "--set", "nothing")]
    [InlineData("dead", "purge", "some", "--where", "age>soon")]
    [InlineData("dead", "show", "7")]
    public async Task What_cannot_be_read_is_a_usage_error(params string[] arguments)
    {
        var end = await Programs.RunProducerAsync(arguments);
        Assert.Equal(("", 64), (end.Output, end.ExitCode));
        Assert.Contains($"'{arguments[^1]}'", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redrive_that_is_killed_loses_none_and_runs_at_most_one_twice()
    {
        const int Items = 200;
        var done = await DoneAsync();
        var items = Enumerable.Range(0, Items).Select(n => $"[\"reject\",{n}]");
        Assert.Equal(0, (await Programs.RunProducerOnAsync(string.Join('\n', items), "publish", Kind, "-f", "-")).ExitCode);
        await UntilAsync(async () => (await ListAsync()).Length == Items);
        await using (var redrive = Programs.StartProducer(["dead", "redrive", Kind, "--set", "0=well", "--rate", "50"]))
        {
            await UntilAsync(async () => await DoneAsync() - done >= Items + (Items / 4));
            redrive.Kill();
        }

        await UntilAsync(async () => (await DoneAsync(), (await ListAsync()).Length) is var (now, dead) && now - done + dead >= 2 * Items);
        Assert.NotEmpty(await ListAsync());
        Assert.Equal(0, (await Programs.RunProducerAsync("dead", "redrive", Kind, "--set", "0=well")).ExitCode);
        Assert.Empty(await ListAsync());
        await UntilAsync(async () => await DoneAsync() - done >= 2 * Items);
        Assert.InRange(await DoneAsync() - done, 2 * Items, (2 * Items) + 1);
    }

    private async Task<string[]> ListAsync() => (await Programs.RunProducerAsync("dead", "list", Kind, "-o", "full")).OutputLines;

    private async Task<long> DoneAsync()
    {
        var status = JsonDocument.Parse((await Programs.RunProducerAsync("status", Kind, "-o", "full")).Output).RootElement;
        return status.GetProperty("kinds")[0].GetProperty("done").GetInt64();
    }

    private static async Task UntilAsync(Func<Task<bool>> holdsAsync)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (!await holdsAsync())
            limit.Token.ThrowIfCancellationRequested();
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["behave"], Concurrency = 4, Processes = 1 };
    }
}
