using Broker.Diagnosis;
using Broker.Fleet;
using Broker.Producer.Cli.Commands.Fleet;
using Broker.Producer.Cli.Output;
using Broker.Telemetry;

namespace Broker.Producer.Cli.Commands.Doctor;

/// <summary>What a look at the consumers and their queues tells.</summary>
internal static class FleetFindings
{
    /// <summary>Ages, deadlines and the order of log lines are wrong by the difference.</summary>
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(2);

    /// <param name="fleet">The look.</param>
    /// <param name="asked">When the consumers were asked, by our clock; they answered before the look was complete.</param>
    public static IEnumerable<Finding> In(FleetSnapshot fleet, DateTimeOffset asked)
    {
        var count = fleet.Processes.Count;
        yield return fleet.Unasked ? Finding.Skipped("consumers", "not asked, for the broker takes no messages")
            : count == 0 ? Finding.Skipped("consumers", "none answers")
            : Finding.Ok("consumers", $"{count} {(count == 1 ? "answers" : "answer")}");
        foreach (var version in fleet.Processes.GroupBy(process => process.Version).Where(version => version.Key != BrokerVersion.Text))
            yield return Finding.Wrong("versions", $"{version.Count()} of {count} consumers run version {version.Key}, and this is {BrokerVersion.Text}", "replace the older ones");
        foreach (var host in fleet.Processes.GroupBy(process => process.Identity.Host))
        {
            var difference = host.Select(process => Difference(process.Clock, asked, fleet.At)).MaxBy(off => off.Duration());
            if (difference.Duration() > Tolerated)
                yield return Finding.Wrong("clocks", $"that of host {host.Key} is {ShortText.Duration(difference.Duration())} {(difference > TimeSpan.Zero ? "ahead of" : "behind")} this machine's: deadlines and the order of log lines are wrong by as much", "synchronise both by NTP");
        }

        foreach (var problem in FleetProblems.In(fleet).Where(problem => problem != FleetProblems.Unasked))
            yield return Finding.Wrong(problem.Subject, problem.What, problem.Fix);
    }

    /// <summary>By how much a clock is ahead at least, for its answer came at some moment between the two; negative where it is behind.</summary>
    private static TimeSpan Difference(DateTimeOffset? clock, DateTimeOffset asked, DateTimeOffset answered) =>
        clock > answered ? clock.Value - answered : clock < asked ? clock.Value - asked : TimeSpan.Zero;
}
