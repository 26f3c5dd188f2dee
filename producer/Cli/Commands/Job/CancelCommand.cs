using System.CommandLine;
using System.CommandLine.Parsing;
using Broker.CommandLine;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Job;

internal static class CancelCommand
{
    public static Command Create()
    {
        var ids = new Argument<Guid[]>("ID") { Description = "Of a batch (printed by publish) or of a job (in a failure's line)", Arity = ArgumentArity.OneOrMore, CustomParser = Parse };
        var connection = new ConnectionOptions();
        var command = new Command("cancel", "Cancel jobs, wherever they are") { ids };
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer cancel 019ad02c-8a2e-7c34-9f30-54c9a0c4c1d2
            producer cancel $(producer publish sleep 60 61 62)
            """,
            """

            What runs is told to end; what is queued, waits to be tried again, or is met
            by a consumer that starts within a day is not run. Whoever waits for it gets
            each item without an outcome as failed: cancelled. An id that nobody knows is
            no error. Ctrl-C of a map or a call cancels its jobs by itself.
            Exit: 0 when the broker has confirmed it.
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            await pool.CancelAsync(parsed.GetValue(ids)!, session.Interrupted);
            Screen.Say("cancelled: what runs is ending, what does not will not start");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Guid[]? Parse(ArgumentResult result)
    {
        var ids = new List<Guid>();
        foreach (var token in result.Tokens)
        {
            if (!Guid.TryParse(token.Value, out var id))
            {
                result.AddError($"'{token.Value}' is no id of a batch or a job, such as 019ad02c-8a2e-7c34-9f30-54c9a0c4c1d2");
                return null;
            }

            ids.Add(id);
        }

        return [.. ids];
    }
}
