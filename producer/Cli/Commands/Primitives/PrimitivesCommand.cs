using System.CommandLine;
using Broker.CommandLine;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Primitives;

internal static class PrimitivesCommand
{
    public static Command Create() => PrimitiveVerb.Group(
        "primitives",
        "List and remove locks, events, queues and the like",
        """
        producer primitives list
        producer primitives remove lock nightly
        """,
        """

        What nobody used for seven days is forgotten by itself. A queue without a limit
        of its size is not in the list as long as it is not closed.
        """,
        List(),
        Remove());

    private static Command List() => PrimitiveVerb.Of("list", "All names in use", "producer primitives list", [], static async (parsed, primitives, interrupted) =>
    {
        var table = new TextTable("TYPE", "NAME");
        foreach (var (type, name) in await primitives.ListAsync(interrupted))
            table.Add(type, name);
        table.Write(Console.Out);
        return ExitCodes.Success;
    });

    private static Command Remove()
    {
        var type = new Argument<string>("TYPE") { Description = "As in the list" };
        var name = PrimitiveVerb.Name();
        return PrimitiveVerb.Of("remove", "Forget one; who holds it is told", "producer primitives remove lock nightly", [type, name], async (parsed, primitives, interrupted) =>
            await primitives.RemoveAsync(parsed.GetValue(type)!, parsed.GetValue(name)!, interrupted) ? ExitCodes.Success : ExitCodes.Failed);
    }
}
