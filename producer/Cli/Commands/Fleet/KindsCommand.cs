using System.CommandLine;
using System.Text.Json;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Fleet;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

internal static class KindsCommand
{
    public static Command Create()
    {
        var output = new OutputOptions();
        var connection = new ConnectionOptions();
        var command = new Command("kinds", "What consumers serve, and the args it takes");
        output.AddTo(command, bar: false, full: "full: JSON with each kind's schema, one per line");
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer kinds
            producer kinds --output full        one JSON object a kind, with its schema
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var kinds = (await pool.Fleet.AskAsync(session.Interrupted)).Kinds;
            if (kinds.Count == 0)
                Screen.Say("no consumer answers; start one with: consumer, or ./broker up");
            else if (output.Full(parsed))
                WriteJson(kinds);
            else
                WriteTable(kinds);
            return ExitCodes.Success;
        });
        return command;
    }

    private static void WriteTable(IReadOnlyList<KindSnapshot> kinds)
    {
        var table = new TextTable("ARGS", "PROC", "SLOTS");
        foreach (var kind in kinds)
            table.Add(kind.Served[0].Signature, $"{kind.Served.Count}", $"{kind.Slots}");
        table.Write(Console.Out);
    }

    private static void WriteJson(IReadOnlyList<KindSnapshot> kinds)
    {
        foreach (var kind in kinds)
            Console.Out.WriteLine(JsonSerializer.Serialize(Document(kind), PayloadJson.Options));
    }

    private static object Document(KindSnapshot kind) => new
    {
        kind.Kind,
        kind.Served[0].Signature,
        Processes = kind.Served.Count,
        Concurrency = kind.Slots,
        kind.Served[0].ArgsSchema,
    };
}
