using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

[Collection(OwnBroker.Name)]
public sealed class When_a_batch_is_detached(OwnBroker own)
{
    private readonly PrivateBroker _broker = own.Require();

    [Fact]
    public async Task Its_results_are_collected_later_in_part_and_after_a_crash_of_the_broker()
    {
        var plan = new FleetPlan { Kinds = ["gated"], Concurrency = 2, Url = _broker.Url };
        using var gate = new Gate();
        var submitted = await RunAsync(["map", plan.Kind("gated"), "--detach", "\"does not fit\"", .. gate.Items(3)]);
        var id = submitted.Output.Trim();
        Assert.Contains($"4 items of kind {plan.Kind("gated")} confirmed by the broker; their results: producer collect {id}", submitted.Error, StringComparison.Ordinal);
        var none = await RunAsync(["collect", id]);
        Assert.Equal(("", 75), (none.Output, none.ExitCode));
        Assert.Contains("4 of 4 items have no outcome yet; 0 of them are with a consumer now, the others wait (go on with --from 0)", none.Error, StringComparison.Ordinal);

        await using var fleet = await ConsumerFleet.StartAsync(plan);
        await gate.WaitForStartsAsync(2);
        var part = await RunAsync(["collect", id]);
        Assert.Equal(("null\n", 75), (part.Output, part.ExitCode));
        Assert.Contains("(go on with --from 1)", part.Error, StringComparison.Ordinal);
        Assert.Equal(124, (await RunAsync(["collect", id, "--wait", "--deadline", "300ms"])).ExitCode);

        await using var waiting = Programs.StartProducer(["collect", id, "--wait", "--from", "1"], _broker.Url);
        await _broker.KillAsync();
        await _broker.StartAgainAsync();
        gate.Open();
        var rest = await waiting.EndAsync();
        Assert.Equal((3, 0), (rest.Output.Count(character => character == '\n'), rest.ExitCode));
        var all = await RunAsync(["collect", id, "--unordered"]);
        Assert.Equal((4, 1), (all.Output.Count(character => character == '\n'), all.ExitCode));
    }

    private async Task<ProgramEnd> RunAsync(IEnumerable<string> arguments)
    {
        await using var program = Programs.StartProducer(arguments, _broker.Url);
        return await program.EndAsync();
    }
}
