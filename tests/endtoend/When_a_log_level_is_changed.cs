using System.Globalization;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_log_level_is_changed
{
    public When_a_log_level_is_changed() => TestBroker.Require();

    [Fact]
    public async Task Only_the_selected_process_changes_its_level_and_restores_it()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["chatty"], Processes = 2 });
        var (meant, other) = (fleet.ChildIds[0], fleet.ChildIds[1]);
        await using var producer = Programs.StartProducer(["map", fleet.Kind("chatty"), "-f", "-", "--chunk", "1"], keepInput: true);
        var busy = new CancellationTokenSource();
        var feeding = FeedAsync(producer, busy.Token);

        var end = await Programs.RunProducerAsync("loglevel", "debug", "--pid", $"{meant}", "--host", Environment.MachineName, "--kind", fleet.Kind("chatty"), "--for", "2s");
        Assert.Equal(("", 0), (end.Error, end.ExitCode));
        Assert.Equal(2, end.OutputLines.Length);
        Assert.Matches(@"^HOST +PID +NAME +LEVEL +UNTIL$", end.OutputLines[0]);
        Assert.Matches($@"^{Environment.MachineName} +{meant} +consumer-\d +debug +\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\S*$", end.OutputLines[1]);

        await fleet.Program.WaitForErrorAsync($"INF pid={meant} log level goes from debug to info as at the start");
        // The other process runs the same jobs, as does this one after its level is restored.
        await producer.WaitForOutputAsync(text => text.LastIndexOf($"{other}\n", StringComparison.Ordinal) >= 0, "a result by the other process");
        await busy.CancelAsync();
        await feeding;
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        fleet.Program.Signal("TERM");
        var lines = (await fleet.Program.EndAsync()).Error.Split('\n');

        var began = Array.FindIndex(lines, line => line.Contains($"INF pid={meant} log level goes from info to debug until ", StringComparison.Ordinal));
        var ended = Array.FindIndex(lines, line => line.Contains($"INF pid={meant} log level goes from debug to info as at the start", StringComparison.Ordinal));
        var debug = Enumerable.Range(0, lines.Length).Where(index => lines[index].Contains(" DBG ", StringComparison.Ordinal)).ToList();
        Assert.Contains(debug, index => lines[index].Contains(" line 1 of job ", StringComparison.Ordinal));
        Assert.All(debug, index => Assert.Contains($" DBG pid={meant} ", lines[index], StringComparison.Ordinal));
        Assert.True(began >= 0 && began < debug[0]);
        // A thread that was about to write when the level changed still writes its line.
        var last = TimeOf(lines[ended]) + TimeSpan.FromMilliseconds(250);
        Assert.All(debug, index => Assert.True(TimeOf(lines[index]) < last, lines[index]));
        Assert.InRange(TimeOf(lines[ended]) - TimeOf(lines[began]), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task All_processes_answer_and_a_later_command_replaces_an_earlier_one()
    {
        var plan = new FleetPlan { Kinds = ["pair"], Processes = 3 };
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        var first = await Programs.RunProducerAsync("loglevel", "error", "--kind", fleet.Kind("pair"), "--for", "1h");
        Assert.Equal((0, 4), (first.ExitCode, first.OutputLines.Length));
        var second = await Programs.RunProducerAsync("loglevel", "debug", "--kind", fleet.Kind("pair"), "--for", "forever");
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(fleet.ChildIds.Order(), second.OutputLines.Skip(1).Select(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)));
        Assert.All(second.OutputLines.Skip(1), line => Assert.Matches(@" debug +forever$", line));
        foreach (var child in fleet.ChildIds)
            await fleet.Program.WaitForErrorAsync($"pid={child} log level goes from error to debug until this process ends");
    }

    [Fact]
    public async Task Without_a_match_one_line_lists_the_processes()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"] });
        var end = await Programs.RunProducerAsync("loglevel", "debug", "--kind", "nobody-serves-this");
        Assert.Equal(("", 1), (end.Output, end.ExitCode));
        Assert.Matches(@"^producer: no consumer is meant by that; there are \d+ on [^\n]+\n$", end.Error);
    }

    [Theory]
    [InlineData("'loud' is not one of debug, info, warning, error", "loud")]
    [InlineData("LEVEL")]
    [InlineData("--for '0'", "debug", "--for", "0")]
    [InlineData("--for 'soon'", "debug", "--for", "soon")]
    [InlineData("--for '31d'", "debug", "--for", "31d")]
    [InlineData("--pid 'me'", "debug", "--pid", "me")]
    public async Task Invalid_arguments_are_refused(string says, params string[] arguments)
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, ["loglevel", .. arguments]);
        Assert.Equal(("", 64), (end.Output, end.ExitCode));
        Assert.Matches(@"^producer loglevel: [^\n]+\n$", end.Error);
        Assert.Contains(says, end.Error, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task FeedAsync(RunningProgram producer, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await producer.Input.WriteAsync("""{"lines":1}""" + "\n");
            await producer.Input.FlushAsync(CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None);
        }

        producer.Input.Close();
    }

    private static TimeSpan TimeOf(string line) => TimeSpan.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
}
