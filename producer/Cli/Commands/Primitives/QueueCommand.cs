using System.CommandLine;
using System.Text.Json;
using Broker.CommandLine;
using Broker.Primitives;
using Broker.Producer.Cli.Items;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Primitives;

internal static class QueueCommand
{
    public static Command Create() => PrimitiveVerb.Group(
        "queue",
        "Lines in on one machine, lines out on another",
        """
        find . -name '*.png' | producer queue put pictures
        producer queue get pictures --all | ./worker.sh   until it is closed
        producer queue get pictures -n                    one, or exit 1
        producer queue close pictures                     getters end when empty
        """,
        """

        A line is JSON if it parses, else text; a text is printed as it is. An item is
        taken from the queue when it has been written to stdout: a getter that is killed
        in between leaves it to another. With --maxsize a put waits while the queue is
        full; all who put say the same.
        Exit of put and get: 0; 1 with -n if full or empty, or if closed; 124 after -w.
        """,
        Put(),
        Get(),
        Close());

    private static Command Put()
    {
        var name = PrimitiveVerb.Name();
        var items = new Argument<string[]>("ITEM") { Description = "The items; without any, the lines of stdin", Arity = ArgumentArity.ZeroOrMore };
        var maxSize = OptionTypes.WholeNumber("--maxsize", [], "Wait while the queue has so many items");
        var wait = new WaitOptions("it is full");
        return PrimitiveVerb.Of("put", "Put items", "find . -name '*.png' | producer queue put pictures", [name, items, maxSize], wait, async (parsed, primitives, interrupted) =>
        {
            var queue = primitives.Queue<JsonElement>(parsed.GetValue(name)!, parsed.GetValue(maxSize) is { } size ? new BrokerQueueOptions { MaxSize = size } : null);
            try
            {
                await foreach (var item in ItemsAsync(parsed.GetValue(items) ?? [], interrupted))
                {
                    if (!await queue.TryPutAsync(item, wait.Timeout(parsed) ?? Timeout.InfiniteTimeSpan, interrupted))
                        return wait.ExitCode(parsed);
                }

                return ExitCodes.Success;
            }
            catch (PrimitiveClosedException e)
            {
                Screen.Say(e.Message);
                return ExitCodes.Failed;
            }
        });
    }

    private static Command Get()
    {
        var name = PrimitiveVerb.Name();
        var count = OptionTypes.WholeNumber("--count", ["-c"], "So many items [default: 1]");
        var all = new Option<bool>("--all") { Description = "Until the queue is closed and empty" };
        var wait = new WaitOptions("it is empty");
        return PrimitiveVerb.Of("get", "Take items, and print them", "producer queue get pictures --all", [name, count, all], wait, async (parsed, primitives, interrupted) =>
        {
            var queue = primitives.Queue<JsonElement>(parsed.GetValue(name)!);
            await using var output = StandardOutput.Open();
            try
            {
                for (var left = parsed.GetValue(all) ? long.MaxValue : parsed.GetValue(count) ?? 1; left > 0; left--)
                {
                    await using var delivery = await queue.TryReceiveAsync(wait.Timeout(parsed) ?? Timeout.InfiniteTimeSpan, interrupted);
                    if (delivery is null)
                        return wait.ExitCode(parsed);
                    output.Write(System.Text.Encoding.UTF8.GetBytes(JsonText.Write(delivery.Item) + "\n"));
                    await delivery.CompleteAsync();
                }

                return ExitCodes.Success;
            }
            catch (PrimitiveClosedException e)
            {
                if (parsed.GetValue(all))
                    return ExitCodes.Success;
                Screen.Say(e.Message);
                return ExitCodes.Failed;
            }
        });
    }

    private static Command Close()
    {
        var name = PrimitiveVerb.Name();
        var immediate = new Option<bool>("--immediate") { Description = "Drop what is in it" };
        var open = new Option<bool>("--reopen") { Description = "Open it again" };
        return PrimitiveVerb.Of("close", "Let nothing more in", "producer queue close pictures", [name, immediate, open], async (parsed, primitives, interrupted) =>
        {
            var queue = primitives.Queue<JsonElement>(parsed.GetValue(name)!);
            await (parsed.GetValue(open) ? queue.ReopenAsync(interrupted) : queue.CloseAsync(parsed.GetValue(immediate), interrupted));
            return ExitCodes.Success;
        });
    }

    private static async IAsyncEnumerable<JsonElement> ItemsAsync(string[] items, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var item in items)
            yield return JsonText.Read(item);
        if (items.Length > 0)
            yield break;
        await foreach (var line in LineReader.ReadAsync(Console.OpenStandardInput(), "stdin", cancellationToken: cancellationToken))
            yield return JsonText.Read(line);
    }
}
