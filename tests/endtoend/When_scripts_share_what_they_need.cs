using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_scripts_share_what_they_need
{
    private readonly string _name = $"shared-{Guid.NewGuid():N}";

    public When_scripts_share_what_they_need() => TestBroker.Require();

    [Fact]
    public async Task Lines_come_out_of_a_queue_as_they_went_in_until_it_is_closed()
    {
        await using var getting = Programs.StartProducer(["queue", "get", _name, "--all"]);
        Assert.Equal(0, (await Programs.RunProducerOnAsync("a text\n17\n{\"x\":[1,2]}\n\"quoted\"\n", "queue", "put", _name)).ExitCode);
        await getting.WaitForOutputAsync(text => text.Contains("quoted", StringComparison.Ordinal), "the last line");
        Assert.Equal(0, (await Programs.RunProducerAsync("queue", "close", _name)).ExitCode);

        var end = await getting.EndAsync();
        Assert.Equal((0, "a text\n17\n{\"x\":[1,2]}\nquoted\n"), (end.ExitCode, end.Output));
        Assert.Equal(1, (await Programs.RunProducerAsync("queue", "put", _name, "late")).ExitCode);
        Assert.Equal(1, (await Programs.RunProducerAsync("queue", "get", _name)).ExitCode);
    }

    [Fact]
    public async Task A_full_queue_and_an_empty_one_are_told_by_the_exit_code()
    {
        Assert.Equal(1, (await Programs.RunProducerAsync("queue", "get", _name, "-n")).ExitCode);
        Assert.Equal(0, (await Programs.RunProducerAsync("queue", "put", _name, "--maxsize", "2", "1", "2")).ExitCode);
        Assert.Equal(1, (await Programs.RunProducerAsync("queue", "put", _name, "--maxsize", "2", "-n", "3")).ExitCode);
        Assert.Equal(124, (await Programs.RunProducerAsync("queue", "put", _name, "--maxsize", "2", "-w", "200ms", "3")).ExitCode);
        Assert.Equal("1\n2\n", (await Programs.RunProducerAsync("queue", "get", _name, "-c", "2")).Output);
    }

    [Fact]
    public async Task All_who_wait_for_an_event_go_on_when_it_is_set()
    {
        Assert.Equal(1, (await Programs.RunProducerAsync("event", "wait", _name, "-n")).ExitCode);
        Assert.Equal(124, (await Programs.RunProducerAsync("event", "wait", _name, "-w", "200ms")).ExitCode);
        var waiting = Enumerable.Range(0, 3).Select(_ => Programs.RunProducerAsync("event", "wait", _name)).ToList();
        Assert.Equal(0, (await Programs.RunProducerAsync("event", "set", _name)).ExitCode);
        Assert.All(await Task.WhenAll(waiting), end => Assert.Equal(0, end.ExitCode));
        await Programs.RunProducerAsync("event", "clear", _name);
        Assert.Equal(1, (await Programs.RunProducerAsync("event", "wait", _name, "-n")).ExitCode);
    }

    [Fact]
    public async Task Parties_pass_a_barrier_together_or_not_at_all()
    {
        var parties = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Programs.RunProducerAsync("barrier", "wait", _name, "--parties", "3")));
        Assert.All(parties, end => Assert.Equal(0, end.ExitCode));
        Assert.Equal(["0\n", "1\n", "2\n"], parties.Select(end => end.Output).Order());

        Assert.Equal(124, (await Programs.RunProducerAsync("barrier", "wait", _name, "--parties", "3", "-w", "200ms")).ExitCode);
        Assert.Equal(1, (await Programs.RunProducerAsync("barrier", "wait", _name, "--parties", "3")).ExitCode);
        Assert.Equal(0, (await Programs.RunProducerAsync("barrier", "reset", _name)).ExitCode);
        Assert.Equal("0\n", (await Programs.RunProducerAsync("barrier", "wait", _name, "--parties", "1")).Output);
    }

    [Fact]
    public async Task Values_are_compared_and_added_in_one_step()
    {
        Assert.Equal(1, (await Programs.RunProducerAsync("value", "get", _name)).ExitCode);
        var sums = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Programs.RunProducerAsync("value", "add", _name, "5")));
        Assert.Equal(["10", "15", "20", "5"], sums.Select(end => end.Output.Trim()).Order(StringComparer.Ordinal));
        Assert.Equal("20\t4\n", (await Programs.RunProducerAsync("value", "get", _name, "--version")).Output);
        var refused = await Programs.RunProducerAsync("value", "cas", _name, "3", "no");
        Assert.Equal((1, "20\t4\n"), (refused.ExitCode, refused.Output));
        Assert.Equal("yes\t5\n", (await Programs.RunProducerAsync("value", "cas", _name, "4", "yes")).Output);
    }

    [Fact]
    public async Task A_dictionary_is_listed_and_a_name_removed()
    {
        await Programs.RunProducerAsync("dict", "set", _name, "b", "2");
        await Programs.RunProducerAsync("dict", "set", _name, "a", "one");
        Assert.Equal(1, (await Programs.RunProducerAsync("dict", "set", _name, "a", "two", "--if-absent")).ExitCode);
        Assert.Equal(["a\tone", "b\t2"], (await Programs.RunProducerAsync("dict", "list", _name)).OutputLines.Order());
        Assert.Equal(0, (await Programs.RunProducerAsync("dict", "delete", _name, "b")).ExitCode);
        Assert.Equal(1, (await Programs.RunProducerAsync("dict", "get", _name, "b")).ExitCode);
        Assert.Contains(_name, (await Programs.RunProducerAsync("primitives", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Programs.RunProducerAsync("primitives", "remove", "dict", _name)).ExitCode);
        Assert.Equal(1, (await Programs.RunProducerAsync("primitives", "remove", "dict", _name)).ExitCode);
    }
}
