using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_process_has_done_its_part
{
    public When_a_process_has_done_its_part() => TestBroker.Require();

    [Fact]
    public async Task Children_are_replaced_after_so_many_jobs_and_none_of_these_counts_as_a_crash()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 2, Concurrency = 4, More = ["--max-jobs-per-process", "5"] });
        var end = await Programs.RunProducerAsync(["map", fleet.Kind("behave"), "--chunk", "1", .. Enumerable.Range(0, 60).Select(_ => "who")]);
        Assert.Equal((0, 60), (end.ExitCode, end.OutputLines.Length));
        Assert.All(end.OutputLines.GroupBy(pid => pid), process => Assert.InRange(process.Count(), 1, 5));

        fleet.Program.Signal("TERM");
        var stopped = await fleet.Program.EndAsync();
        Assert.Equal(0, stopped.ExitCode);
        Assert.Contains("has ended as its limits want it", stopped.Error, StringComparison.Ordinal);
        foreach (var crash in new[] { "processes ended while they held it", " ERR ", "exit code" })
            Assert.DoesNotContain(crash, stopped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alone_it_ends_with_0_and_leaves_the_other_jobs_on_the_queue()
    {
        var plan = new FleetPlan { Kinds = ["behave"], KeepQueues = true, More = ["--max-jobs-per-process", "2"] };
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        await using var producer = Programs.StartProducer(["map", fleet.Kind("behave"), "--chunk", "1", "who", "who", "who"]);
        Assert.Equal(0, (await fleet.Program.EndAsync()).ExitCode);
        await using var successor = await ConsumerFleet.StartAsync(plan with { KeepQueues = false });
        var end = await producer.EndAsync();
        Assert.Equal(0, end.ExitCode);
        // In whatever order the jobs came to the queue.
        Assert.Equal([fleet.Program.Id, fleet.Program.Id, successor.Program.Id], end.OutputLines.Select(int.Parse).OrderBy(pid => pid == successor.Program.Id));
    }

    [Fact]
    public async Task A_child_that_uses_too_much_memory_is_replaced_when_its_job_has_ended()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan
        {
            Kinds = ["behave"],
            Processes = 1,
            Environment = new Dictionary<string, string?> { ["BROKER__CONSUMER__MAXMEMORYPERPROCESS"] = "400MiB" },
        });
        var first = await Programs.RunProducerAsync("call", fleet.Kind("behave"), """["keep",1]""");
        var second = await Programs.RunProducerAsync("call", fleet.Kind("behave"), """["keep",500]""");
        Assert.Equal(first.Output, second.Output);
        await fleet.Program.WaitForErrorAsync("MiB of memory are used and one process may use 400 MiB");
        await fleet.Program.WaitForErrorAsync("has ended as its limits want it");
        var third = await Programs.RunProducerAsync("call", fleet.Kind("behave"), "who");
        Assert.Equal(0, third.ExitCode);
        Assert.NotEqual(first.Output, third.Output);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public async Task It_ends_with_0_when_there_is_nothing_to_do(int? processes)
    {
        var plan = new FleetPlan { Kinds = ["behave"], Processes = processes, More = ["--exit-when-idle"] };
        await using (var idle = ConsumerFleet.Launch(plan with { KeepQueues = true }))
            Assert.Equal(0, (await idle.Program.EndAsync(TimeSpan.FromSeconds(30))).ExitCode);

        Assert.Equal(0, (await Programs.RunProducerAsync("publish", $"behave-{plan.Suffix}", "--chunk", "1", "well", "fail", "well", "--attempts", "2", "--delay", "3s")).ExitCode);
        await using var fleet = ConsumerFleet.Launch(plan);
        var end = await fleet.Program.EndAsync(TimeSpan.FromSeconds(45));
        Assert.Equal(0, end.ExitCode);
        Assert.Contains("there is nothing to do", end.Error, StringComparison.Ordinal);
        // The item that failed was waited for.
        Assert.Contains("last attempt of 2", end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--max-memory-per-process '512' is not a size", "--max-memory-per-process", "512")]
    [InlineData("--max-memory-per-process is at least 128MiB, not 1MiB", "--max-memory-per-process", "1MiB")]
    [InlineData("--max-jobs-per-process '0' is not", "--max-jobs-per-process", "0")]
    public async Task A_limit_that_is_none_is_refused_at_the_start(string says, params string[] arguments)
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Consumer, arguments);
        Assert.Equal(64, end.ExitCode);
        Assert.Contains(says, end.Error, StringComparison.Ordinal);
    }
}
