using System.CommandLine;
using System.Text.Json;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Contracts.Messages;
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
        output.AddTo(command, bar: false);
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
            var fleet = await pool.AskFleetAsync(session.Interrupted);
            var kinds = fleet.SelectMany(pong => pong.Kinds).GroupBy(kind => kind.Kind).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
            if (kinds.Count == 0)
                Screen.Say("no consumer answers; start one with: consumer, or ./broker up");
            else if (output.Full(parsed))
                kinds.ForEach(WriteJson);
            else
                WriteTable(kinds);
            return ExitCodes.Success;
        });
        return command;
    }

    private static void WriteTable(List<IGrouping<string, ServedKind>> kinds)
    {
        var table = new TextTable("ARGS", "PROCESSES", "AT ONCE");
        foreach (var kind in kinds)
            table.Add(kind.First().Signature, $"{kind.Count()}", $"{kind.Sum(served => served.Concurrency)}");
        table.Write(Console.Out);
    }

    private static void WriteJson(IGrouping<string, ServedKind> kind) => Console.Out.WriteLine(JsonSerializer.Serialize(
        new
        {
            Kind = kind.Key,
            kind.First().Signature,
            Processes = kind.Count(),
            Concurrency = kind.Sum(served => served.Concurrency),
            ArgsSchema = kind.First().ArgsSchema,
        },
        PayloadJson.Options));
}
