using System.CommandLine;
using Broker.CommandLine;

namespace Broker.Producer.Cli.Commands.Primitives;

internal static class EventCommand
{
    public static Command Create() => PrimitiveVerb.Group(
        "event",
        "A flag that any number of scripts wait for",
        """
        producer event wait go && ./start.sh        on every machine
        producer event set go                       starts them all
        """,
        """

        A wait ends too if the event was set and cleared again meanwhile. An event that
        nobody used for seven days is forgotten, and is not set then.
        Exit of wait: 0 when it is set, 1 with -n if it is not, 124 after -w.
        """,
        Set(),
        Clear(),
        Wait());

    private static Command Set()
    {
        var name = PrimitiveVerb.Name();
        return PrimitiveVerb.Of("set", "Set it: all who wait go on", "producer event set go", [name], async (parsed, primitives, interrupted) =>
        {
            await primitives.Event(parsed.GetValue(name)!).SetAsync(interrupted);
            return ExitCodes.Success;
        });
    }

    private static Command Clear()
    {
        var name = PrimitiveVerb.Name();
        return PrimitiveVerb.Of("clear", "Clear it: who comes from now on waits", "producer event clear go", [name], async (parsed, primitives, interrupted) =>
        {
            await primitives.Event(parsed.GetValue(name)!).ClearAsync(interrupted);
            return ExitCodes.Success;
        });
    }

    private static Command Wait()
    {
        var name = PrimitiveVerb.Name();
        var wait = new WaitOptions("it is not set");
        return PrimitiveVerb.Of("wait", "Wait until it is set", "producer event wait go -w 10m", [name], wait, async (parsed, primitives, interrupted) =>
            await primitives.Event(parsed.GetValue(name)!).WaitAsync(wait.Timeout(parsed), interrupted) ? ExitCodes.Success : wait.ExitCode(parsed));
    }
}
