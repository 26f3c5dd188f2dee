using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_jobs_are_purged : IAsyncLifetime
{
    private readonly string _kind = $"purged-{FleetPlan.NewSuffix()}";

    public async ValueTask InitializeAsync()
    {
        TestBroker.Require();
        Assert.Equal(0, (await Programs.RunProducerAsync("publish", _kind, "1", "2", "3", "--chunk", "1")).ExitCode);
    }

    public async ValueTask DisposeAsync() => await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [_kind]);

    [Fact]
    public async Task A_dry_run_says_how_many_there_are_and_removes_none()
    {
        var end = await Programs.RunProducerAsync("purge", _kind, "--dry-run");
        Assert.Equal(("", $"producer: 3 jobs of kind {_kind} would be removed\n", 0), (end.Output, end.Error, end.ExitCode));
        Assert.Equal(3, await ReadyAsync());
    }

    [Fact]
    public async Task Without_a_terminal_they_stay_until_it_is_confirmed_by_an_option()
    {
        var refused = await Programs.RunProducerAsync("purge", _kind);
        Assert.Equal(("", 64), (refused.Output, refused.ExitCode));
        Assert.Contains("write --yes", refused.Error, StringComparison.Ordinal);
        Assert.Equal(3, await ReadyAsync());
        var purged = await Programs.RunProducerAsync("purge", _kind, "--yes");
        Assert.Equal(($"producer: 3 jobs of kind {_kind} removed\n", 0), (purged.Error, purged.ExitCode));
        Assert.Equal(0, await ReadyAsync());
        Assert.Equal($"producer: 0 jobs of kind {_kind} removed\n", (await Programs.RunProducerAsync("purge", _kind, "--yes")).Error);
    }

    [Theory]
    [InlineData("n", 1, 3)]
    [InlineData("", 1, 3)]
    [InlineData("y", 0, 0)]
    public async Task On_a_terminal_the_answer_decides(string answer, int exitCode, long left)
    {
        await using var producer = Terminal.StartProducer(["purge", _kind]);
        await producer.WaitForOutputAsync(text => text.Contains($"3 jobs of kind {_kind} will be lost, and never run. Remove them? [y/N]", StringComparison.Ordinal), "the question");
        Assert.Equal(3, await ReadyAsync());
        await producer.Input.WriteAsync($"{answer}\n");
        await producer.Input.FlushAsync();
        var end = await producer.EndAsync();
        Assert.Equal(exitCode, end.ExitCode);
        Assert.Contains(left == 0 ? $"producer: 3 jobs of kind {_kind} removed" : "producer: none removed", end.Output, StringComparison.Ordinal);
        Assert.Equal(left, await ReadyAsync());
    }

    [Fact]
    public async Task An_interrupt_at_the_question_removes_none()
    {
        await using var producer = Terminal.StartProducer(["purge", _kind]);
        await producer.WaitForOutputAsync(text => text.Contains("[y/N]", StringComparison.Ordinal), "the question");
        // What the terminal makes of Ctrl-C.
        await producer.Input.WriteAsync('\x03');
        await producer.Input.FlushAsync();
        Assert.Equal(130, (await producer.EndAsync()).ExitCode);
        Assert.Equal(3, await ReadyAsync());
    }

    [Fact]
    public async Task A_misspelt_kind_is_an_error()
    {
        var end = await Programs.RunProducerAsync("purge", $"{_kind}x", "--yes");
        Assert.Equal(64, end.ExitCode);
        Assert.Equal($"producer: kind '{_kind}x' has no queue on this broker; did you mean {_kind}?\n", end.Error);
    }

    private async Task<long?> ReadyAsync()
    {
        await using var probe = await QueueProbe.OpenAsync();
        return (await probe.LookAsync(Topology.Names.JobsQueue(_kind)))?.MessageCount;
    }
}
