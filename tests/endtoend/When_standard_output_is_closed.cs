using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_standard_output_is_closed
{
    [Fact]
    public async Task The_producer_ends_although_its_input_stays_open()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { BuiltIn = ["double"], Concurrency = 2 });
        var pipe = $"yes 1 | '{Programs.Producer}' map double -f - | head -n 3; echo ${{PIPESTATUS[1]}}";
        await using var shell = RunningProgram.Start("/bin/bash", ["-c", pipe], new Dictionary<string, string?> { ["BROKER_URL"] = fleet.Url, ["BROKER__LOGGING__DIRECTORY"] = "none" });
        var end = await shell.EndAsync(TimeSpan.FromSeconds(20));
        Assert.StartsWith("2\n2\n2\n", end.Output, StringComparison.Ordinal);
        Assert.Equal("141", end.OutputLines[^1]);
        Assert.Matches("^producer: standard output was closed after [0-9]+ result", end.Error);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("map --help")]
    [InlineData("map double 1 --dry-run")]
    [InlineData("map double 1")]
    [InlineData("call double 1")]
    [InlineData("publish double 1")]
    [InlineData("kinds")]
    [InlineData("status")]
    [InlineData("logs --folder /")]
    [InlineData("loglevel info")]
    public async Task Nothing_is_done_without_an_output(string command) => Assert.Equal(("74\n", "producer: standard output is closed\n"), await RunAsync($"{command} >&-", Programs.NoBroker));

    [Fact]
    public async Task A_full_disk_is_one_line_and_74_for_every_command()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { BuiltIn = ["double"] });
        foreach (var command in new[] { "--help", "--version", "map double 1 --dry-run", "map double 1", "call double 1", "publish double 1", "kinds", "status", "loglevel info --for 1s" })
        {
            var (code, error) = await RunAsync($"{command} >/dev/full", fleet.Url);
            Assert.Equal((command, "74\n"), (command, code));
            Assert.Matches(@"^producer: standard output cannot be written \(No space left on device\)[^\n]*\n$", error);
        }
    }

    [Theory]
    [InlineData("map double 1 --dry-run 2>&- >/dev/null", "0\n")]
    [InlineData("mop 2>&- >/dev/null", "64\n")]
    [InlineData("kinds 2>&- >/dev/null", "69\n")]
    [InlineData("map double -f - --dry-run <&-", "64\n")]
    [InlineData("map double 1 --dry-run <&- >/dev/null 2>&1", "0\n")]
    public async Task A_missing_stream_that_is_not_needed_changes_nothing(string command, string code) => Assert.Equal(code, (await RunAsync(command, Programs.NoBroker)).Output);

    private static async Task<(string Output, string Error)> RunAsync(string command, string url)
    {
        var environment = new Dictionary<string, string?> { ["BROKER_URL"] = url, ["BROKER_URL_FILE"] = null, ["BROKER__LOGGING__DIRECTORY"] = "none" };
        await using var shell = RunningProgram.Start("/bin/bash", ["-c", $"exec 3>&1; '{Programs.Producer}' {command} 3>&-; echo $? >&3"], environment);
        var end = await shell.EndAsync(TimeSpan.FromSeconds(20));
        return (end.Output, end.Error);
    }
}
