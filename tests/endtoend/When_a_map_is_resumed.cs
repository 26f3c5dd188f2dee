using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_map_is_resumed(When_a_map_is_resumed.Fleet fleet) : IClassFixture<When_a_map_is_resumed.Fleet>, IDisposable
{
    private readonly ConsumerFleet _fleet = fleet.Require();
    private readonly TestFolder _folder = new();

    private string JobLog => Path.Combine(_folder.Path, "log");

    [Fact]
    public async Task What_a_killed_one_has_in_its_joblog_is_skipped_and_the_rest_is_run()
    {
        using var open = new Gate();
        using var closed = new Gate();
        open.Open();
        string[] items = [open.Item(0), open.Item(1), .. Enumerable.Range(2, 40).Select(closed.Item)];
        await using (var killed = Map("gated", items, "--unordered", "--chunk", "1"))
        {
            await killed.WaitForOutputAsync(text => text.Count(character => character == '\n') == 2, "two results");
            await closed.WaitForStartsAsync(2);
            killed.Kill();
            await killed.EndAsync();
        }

        closed.Open();
        await using var resumed = Map("gated", items, "--unordered", "--resume");
        var end = await resumed.EndAsync();
        Assert.Equal(0, end.ExitCode);
        var done = Seqs().Count(seq => seq <= 2);
        Assert.Equal(Enumerable.Range(2, 40), end.OutputLines.Select(Number).Where(number => number >= 2).Order());
        Assert.Equal(Enumerable.Range(1, 42), Seqs().Order());
        Assert.Equal((2, end.OutputLines.Length), (done, 40 + 2 - Skipped(end)));
    }

    [Fact]
    public async Task A_map_in_order_has_its_lines_as_items_are_done()
    {
        using var open = new Gate();
        using var closed = new Gate();
        open.Open();
        await using var map = Map("gated", [closed.Item(0), open.Item(1), open.Item(2)], "--chunk", "1");
        // What is locked can be read by any program that does not ask for a lock.
        while (await CatAsync() is var text && text.Count(character => character == '\n') < 3)
            Assert.False(map.HasEnded, text);
        Assert.Equal("", map.Output.ToString());
        closed.Open();
        Assert.Equal([0, 1, 2], (await map.EndAsync()).OutputLines.Select(Number));
        Assert.Equal(1, Seqs().Last());
    }

    [Fact]
    public async Task Failed_items_are_run_again_where_that_is_wanted_and_changed_ones_are_told()
    {
        string[] items = ["[\"well\",0]", "[\"fail\",1]", "[\"well\",2]"];
        await using (var first = Map("behave", items, "--attempts", "1"))
            Assert.Equal(1, (await first.EndAsync()).ExitCode);
        Assert.Equal(["0", "1", "0"], File.ReadAllLines(JobLog).Skip(1).Order(StringComparer.Ordinal).Select(line => line.Split('\t')[6]));

        string[] more = ["[\"well\",0]", "[\"well\",10]", "[\"well\",2]", "[\"well\",3]"];
        await using var preview = Map("behave", more, "--resume-failed", "--dry-run");
        var shown = await preview.EndAsync();
        Assert.Equal("[\"well\",10]\n[\"well\",3]\n", shown.Output);
        await using var retried = Map("behave", more, "--retry-failed");
        var end = await retried.EndAsync();
        Assert.Equal(("10\n", 0), (end.Output, end.ExitCode));
        Assert.Contains("producer: item 1 is not the one that the joblog has as Seq 2: it is run, and others that have changed as well\n", end.Error, StringComparison.Ordinal);
        Assert.Contains("producer: 1 item was skipped: they did not fail in the joblog\n", end.Error, StringComparison.Ordinal);
        await using var resumed = Map("behave", more, "--resume", "--output", "full");
        var line = Assert.Single((await resumed.EndAsync()).OutputLines);
        Assert.Equal(3, JsonDocument.Parse(line).RootElement.GetProperty("index").GetInt32());
        Assert.Equal([1, 2, 2, 3, 4], Seqs().Order());
    }

    [Fact]
    public async Task Nothing_is_run_where_all_is_done_and_a_new_map_overwrites_the_joblog()
    {
        for (var run = 0; run < 2; run++)
        {
            await using var map = Map("behave", ["[\"well\",0]", "[\"well\",1]"]);
            Assert.Equal(0, (await map.EndAsync()).ExitCode);
            Assert.Equal([1, 2], Seqs().Order());
        }

        await using var resumed = Map("behave", ["[\"well\",0]", "[\"well\",1]"], "--resume");
        var end = await resumed.EndAsync();
        Assert.Equal(("", "producer: 2 items were skipped: they are in the joblog\n", 0), (end.Output, end.Error, end.ExitCode));
        await using var retried = Map("behave", ["[\"well\",0]", "[\"well\",1]"], "--retry-failed");
        Assert.Equal("producer: no item of the joblog has failed: nothing to do\n", (await retried.EndAsync()).Error);
    }

    [Fact]
    public async Task A_joblog_on_a_full_disk_ends_it_with_74()
    {
        await using var map = Programs.StartProducer(["map", _fleet.Kind("behave"), "[\"well\",0]", "--joblog", "/dev/full"]);
        var end = await map.EndAsync();
        Assert.Equal(("", 74), (end.Output, end.ExitCode));
        Assert.Contains("producer: the joblog /dev/full cannot be written: ", end.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static int Number(string line) => JsonDocument.Parse(line).RootElement.GetProperty("number").GetInt32();

    private static int Skipped(ProgramEnd end) => end.Error.Split(' ') is ["producer:", var count, ..] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 0;

    private RunningProgram Map(string kind, IEnumerable<string> items, params string[] more) =>
        Programs.StartProducer(["map", _fleet.Kind(kind), .. items, "--joblog", JobLog, .. more]);

    private IEnumerable<int> Seqs() => File.ReadAllLines(JobLog).Skip(1).Select(line => int.Parse(line.Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture));

    private async Task<string> CatAsync()
    {
        await using var cat = RunningProgram.Start("/bin/cat", [JobLog]);
        return (await cat.EndAsync()).Output;
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["gated", "behave"], Concurrency = 2 };
    }
}
