using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_map_is_halted(When_a_map_is_halted.Fleet fleet) : IClassFixture<When_a_map_is_halted.Fleet>
{
    private const string Misfit = "\"does not fit\"";

    private readonly ConsumerFleet _fleet = fleet.Require();

    [Theory]
    [InlineData("--unordered")]
    [InlineData("--no-bar")]
    public async Task Soon_sends_no_more_and_waits_for_what_is_sent(string order)
    {
        using var gate = new Gate();
        await using var map = Map([gate.Item(0), Misfit, .. Enumerable.Range(1, 50).Select(gate.Item)], "--halt", "soon,fail=1", "--in-flight", "2", order);
        await map.WaitForErrorAsync("halting by soon,fail=1: no more items are sent; waiting for ");
        gate.Open();
        var end = await map.EndAsync();
        Assert.Equal(1, end.ExitCode);
        // One may have taken the failed one's place before the rule was looked at.
        Assert.InRange(end.OutputLines.Length, 2, 3);
        Assert.Equal(end.OutputLines.Length - 1, gate.Begun.Count);
        Assert.EndsWith($"producer: halted by soon,fail=1: {52 - end.OutputLines.Length} of 52 items have no outcome\n", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Now_cancels_what_is_sent_and_prints_the_results_that_are_there()
    {
        using var gate = new Gate();
        var items = string.Join('\n', [gate.Item(0), Misfit, .. Enumerable.Range(1, 50).Select(gate.Item)]);
        await using var map = Programs.StartProducer(["map", _fleet.Kind("gated"), "-f", "-", "--chunk", "1", "--in-flight", "2", "--halt", "now,fail=1", "--output", "full"], keepInput: true);
        await map.Input.WriteAsync(items);
        await map.Input.FlushAsync(TestContext.Current.CancellationToken);
        var end = await map.EndAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(1, end.ExitCode);
        Assert.Equal(1, JsonDocument.Parse(Assert.Single(end.OutputLines)).RootElement.GetProperty("index").GetInt32());
        Assert.Matches("producer: halted by now,fail=1: [12] items that were sent have no outcome, and the rest of standard input was not sent\n$", end.Error);
        var begun = gate.Begun.Count;
        using var later = new Gate();
        later.Open();
        // Both places of the consumer are free again.
        var after = await Programs.RunProducerAsync(["map", _fleet.Kind("gated"), .. later.Items(4), "--chunk", "1", "--deadline", "30s"]);
        Assert.Equal((4, 0), (after.OutputLines.Length, after.ExitCode));
        Assert.InRange(gate.Begun.Count, begun, 2);
    }

    [Fact]
    public async Task Soon_does_not_wait_for_further_input()
    {
        await using var map = Programs.StartProducer(["map", _fleet.Kind("behave"), "-f", "-", "--halt", "soon,fail=1"], keepInput: true);
        await map.Input.WriteAsync("[\"reject\",1]\n");
        await map.Input.FlushAsync(TestContext.Current.CancellationToken);
        var end = await map.EndAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(("null\n", 1), (end.Output, end.ExitCode));
        Assert.EndsWith("producer: halted by soon,fail=1: 0 items that were sent have no outcome, and the rest of standard input was not sent\n", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_success_that_was_waited_for_ends_it_with_0()
    {
        await using var map = Programs.StartProducer(["map", _fleet.Kind("behave"), "[\"reject\",1]", "[\"well\",2]", "[\"slow\",3]", "--chunk", "1", "--halt", "now,success=1"]);
        var end = await map.EndAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(("2", 0), (end.OutputLines[^1], end.ExitCode));
    }

    [Fact]
    public async Task A_percentage_is_of_all_lines_of_a_file()
    {
        using var folder = new TestFolder();
        var file = folder.Write("items", string.Concat(Enumerable.Range(0, 100).Select(number => $"[\"{(number < 3 ? "reject" : "well")}\",{number}]\n")));
        await using var map = Programs.StartProducer(["map", _fleet.Kind("behave"), "-f", file, "--chunk", "1", "--in-flight", "1", "--halt", "soon,fail=3%"]);
        var end = await map.EndAsync();
        Assert.Equal(3, end.ExitCode);
        Assert.InRange(end.OutputLines.Length, 3, 5);
        Assert.Contains($"halted by soon,fail=3%: {100 - end.OutputLines.Length} of 100 items have no outcome\n", end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--halt later,fail=1", "producer map: --halt 'later,fail=1' is no rule: write now or soon, a comma, and fail=N, success=N or done=N (N: a number from 1 on, or 1% to 100%), as now,fail=1; or never (see producer map --help)")]
    [InlineData("--halt now,fail=1 --detach", "producer: --halt needs outcomes, and --detach does not wait for them: give one of them")]
    [InlineData("--joblog log --detach", "producer: --joblog needs outcomes, and --detach does not wait for them: give one of them")]
    [InlineData("--resume", "producer: --resume goes on with a map that has written a joblog: name that with --joblog FILE")]
    [InlineData("--joblog log --resume --retry-failed", "producer: --resume and --retry-failed contradict each other: give one of them")]
    [InlineData("--joblog -", "producer: --joblog - would mix with the results on standard output: name a file, or /dev/stderr")]
    public async Task Options_that_make_no_sense_are_refused(string options, string said)
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, ["map", "double", "1", .. options.Split(' ')]);
        Assert.Equal(("", $"{said}\n", 64), (end.Output, end.Error, end.ExitCode));
    }

    private RunningProgram Map(IEnumerable<string> items, params string[] more) => Programs.StartProducer(["map", _fleet.Kind("gated"), .. items, "--chunk", "1", .. more]);

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["gated", "behave"], Concurrency = 2 };
    }
}
