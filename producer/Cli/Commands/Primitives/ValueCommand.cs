using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Primitives;

namespace Broker.Producer.Cli.Commands.Primitives;

internal static class ValueCommand
{
    public static Command Create() => PrimitiveVerb.Group(
        "value",
        "A value that scripts share: get, set, add, compare and set",
        """
        producer value set config '{"limit":5}'
        producer value get config
        producer value add runs                     adds 1, prints the sum
        producer value get leader --version         value, tab, version
        producer value cas leader 7 web1            sets it if its version is 7
        """,
        """

        A value is JSON if it parses, else text; a text is printed as it is. 1 MiB at
        most. A value that nobody changed for seven days is forgotten.
        Exit: 0; 1 of get when nothing was set, and of cas when the version is another.
        """,
        Get(),
        Set(),
        Add(),
        CompareAndSet());

    private static Command Get()
    {
        var (name, version) = (PrimitiveVerb.Name(), new Option<bool>("--version") { Description = "Print the version too, for cas" });
        return PrimitiveVerb.Of("get", "Print the value", "producer value get config", [name, version], async (parsed, primitives, interrupted) =>
        {
            var read = await primitives.Value<JsonElement>(parsed.GetValue(name)!).ReadAsync(cancellationToken: interrupted);
            return read.Version == 0 ? ExitCodes.Failed : PrimitiveVerb.Print(parsed.GetValue(version) ? $"{JsonText.Write(read.Value)}\t{read.Version}" : JsonText.Write(read.Value));
        });
    }

    private static Command Set()
    {
        var (name, value) = (PrimitiveVerb.Name(), new Argument<string>("VALUE"));
        return PrimitiveVerb.Of("set", "Set it, and print its new version", "producer value set config '{\"limit\":5}'", [name, value], async (parsed, primitives, interrupted) =>
            PrimitiveVerb.Print($"{await primitives.Value<JsonElement>(parsed.GetValue(name)!).SetAsync(JsonText.Read(parsed.GetValue(value)!), interrupted)}"));
    }

    private static Command Add()
    {
        var (name, delta) = (PrimitiveVerb.Name(), new Argument<string>("NUMBER") { DefaultValueFactory = _ => "1" });
        return PrimitiveVerb.Of("add", "Add a number (1), and print the sum", "producer value add runs 1", [name, delta], async (parsed, primitives, interrupted) =>
        {
            var text = parsed.GetValue(delta)!;
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? await AddAsync(whole)
                : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) ? await AddAsync(fraction)
                : throw new InvalidConfigurationException($"'{text}' is not a number");

            async Task<int> AddAsync<T>(T number)
                where T : struct, INumber<T> => PrimitiveVerb.Print((await primitives.Value<T>(parsed.GetValue(name)!).AddAsync(number, interrupted)).ToString(null, CultureInfo.InvariantCulture));
        });
    }

    private static Command CompareAndSet()
    {
        var (name, version, value) = (PrimitiveVerb.Name(), new Argument<long>("VERSION") { Description = "0 if it was never set" }, new Argument<string>("VALUE"));
        return PrimitiveVerb.Of("cas", "Set it if its version is still this; print value and version", "producer value cas leader 7 web1", [name, version, value], async (parsed, primitives, interrupted) =>
        {
            var (done, current) = await primitives.Value<JsonElement>(parsed.GetValue(name)!).CompareAndSetAsync(parsed.GetValue(version), JsonText.Read(parsed.GetValue(value)!), interrupted);
            PrimitiveVerb.Print($"{JsonText.Write(current.Value)}\t{current.Version}");
            return done ? ExitCodes.Success : ExitCodes.Failed;
        });
    }
}
