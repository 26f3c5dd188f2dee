using System.CommandLine;
using System.Text.Json;
using Broker.CommandLine;

namespace Broker.Producer.Cli.Commands.Primitives;

internal static class DictCommand
{
    public static Command Create() => PrimitiveVerb.Group(
        "dict",
        "Keys and values that scripts share",
        """
        producer dict set hosts web1 '{"up":true}'
        producer dict set hosts web1 mine --if-absent   exit 1 if another has it
        producer dict get hosts web1
        producer dict list hosts                        KEY, tab, VALUE
        """,
        """

        A value is JSON if it parses, else text; a text is printed as it is. 1 MiB at
        most, all together. What nobody changed for seven days is forgotten.
        Exit: 0; 1 of get and delete when there is no such key.
        """,
        Get(),
        Set(),
        Delete(),
        List());

    private static Argument<string> Key() => new("KEY");

    private static Command Get()
    {
        var (name, key) = (PrimitiveVerb.Name(), Key());
        return PrimitiveVerb.Of("get", "Print the value of a key", "producer dict get hosts web1", [name, key], async (parsed, primitives, interrupted) =>
        {
            var read = await primitives.Dictionary<JsonElement>(parsed.GetValue(name)!).ReadAsync(parsed.GetValue(key)!, cancellationToken: interrupted);
            return read.Version == 0 ? ExitCodes.Failed : PrimitiveVerb.Print(JsonText.Write(read.Value));
        });
    }

    private static Command Set()
    {
        var (name, key, value) = (PrimitiveVerb.Name(), Key(), new Argument<string>("VALUE"));
        var absent = new Option<bool>("--if-absent") { Description = "Only if the key is not there; else exit 1" };
        return PrimitiveVerb.Of("set", "Set the value of a key", "producer dict set hosts web1 up", [name, key, value, absent], async (parsed, primitives, interrupted) =>
        {
            var dictionary = primitives.Dictionary<JsonElement>(parsed.GetValue(name)!);
            var element = JsonText.Read(parsed.GetValue(value)!);
            if (parsed.GetValue(absent))
                return (await dictionary.SetIfAbsentAsync(parsed.GetValue(key)!, element, interrupted)).Done ? ExitCodes.Success : ExitCodes.Failed;
            await dictionary.SetAsync(parsed.GetValue(key)!, element, interrupted);
            return ExitCodes.Success;
        });
    }

    private static Command Delete()
    {
        var (name, key) = (PrimitiveVerb.Name(), Key());
        return PrimitiveVerb.Of("delete", "Remove a key", "producer dict delete hosts web1", [name, key], async (parsed, primitives, interrupted) =>
            (await primitives.Dictionary<JsonElement>(parsed.GetValue(name)!).RemoveAsync(parsed.GetValue(key)!, cancellationToken: interrupted)).Removed ? ExitCodes.Success : ExitCodes.Failed);
    }

    private static Command List()
    {
        var name = PrimitiveVerb.Name();
        return PrimitiveVerb.Of("list", "Print all keys and values", "producer dict list hosts", [name], async (parsed, primitives, interrupted) =>
        {
            foreach (var (key, value) in await primitives.Dictionary<JsonElement>(parsed.GetValue(name)!).GetItemsAsync(cancellationToken: interrupted))
                Console.Out.WriteLine($"{key}\t{JsonText.Write(value)}");
            return ExitCodes.Success;
        });
    }
}
