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
        Assert.Equal("130", end.OutputLines[^1]);
        Assert.Matches("^producer: standard output was closed after [0-9]+ result", end.Error);
    }
}
