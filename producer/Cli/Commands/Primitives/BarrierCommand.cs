using System.CommandLine;
using Broker.CommandLine;
using Broker.Primitives;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Primitives;

internal static class BarrierCommand
{
    public static Command Create() => PrimitiveVerb.Group(
        "barrier",
        "A point that so many scripts reach before any goes on",
        """
        producer barrier wait ready --parties 3     on three machines
        producer barrier reset ready                usable again after a timeout
        """,
        """

        wait prints how many came before: 0 to parties - 1, each once. A timeout breaks
        the barrier for all who wait and come, until it is reset. The death of a party
        is not noticed: give a timeout.
        Exit of wait: 0 when all are there, 1 when it is broken, 124 after its own -w.
        """,
        Wait(),
        Change("abort", "Break it for all who wait and come", static (barrier, cancellationToken) => barrier.AbortAsync(cancellationToken)),
        Change("reset", "Make a broken one usable again", static (barrier, cancellationToken) => barrier.ResetAsync(cancellationToken)));

    private static Command Wait()
    {
        var name = PrimitiveVerb.Name();
        var parties = OptionTypes.WholeNumber("--parties", [], "How many pass together; all say the same");
        parties.Required = true;
        var timeout = OptionTypes.Duration("--timeout", ["-w"], "Break the barrier after this [default: wait for ever]");
        return PrimitiveVerb.Of("wait", "Wait until all are there", "producer barrier wait ready --parties 3 -w 10m", [name, parties, timeout], async (parsed, primitives, interrupted) =>
        {
            var began = TimeProvider.System.GetTimestamp();
            var limit = parsed.GetValue(timeout);
            try
            {
                return PrimitiveVerb.Print($"{await primitives.Barrier(parsed.GetValue(name)!, parsed.GetValue(parties)!.Value).WaitAsync(limit, interrupted)}");
            }
            catch (BrokenBarrierException e)
            {
                Screen.Say(e.Message);
                return TimeProvider.System.GetElapsedTime(began) >= limit ? ExitCodes.DeadlinePassed : ExitCodes.Failed;
            }
        });
    }

    private static Command Change(string verb, string description, Func<BrokerBarrier, CancellationToken, Task> changeAsync)
    {
        var name = PrimitiveVerb.Name();
        return PrimitiveVerb.Of(verb, description, $"producer barrier {verb} ready", [name], async (parsed, primitives, interrupted) =>
        {
            await changeAsync(primitives.Barrier(parsed.GetValue(name)!, parties: 1), interrupted);
            return ExitCodes.Success;
        });
    }
}
