namespace Broker.Producer.Cli.Output;

/// <summary>Messages on stderr; stdout is for data. While a progress bar is drawn they are written through it.</summary>
internal static class Screen
{
    private static volatile Action<string>? _bar;

    public static void Say(string line) => WriteLine($"producer: {line}");

    public static void WriteLine(string line) => (_bar ?? Console.Error.WriteLine)(line);

    /// <summary>Sends all lines through <paramref name="bar"/> from now on; null sends them to stderr again.</summary>
    public static void Through(Action<string>? bar) => _bar = bar;
}
