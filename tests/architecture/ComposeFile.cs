using System.Text.RegularExpressions;

namespace Broker.Tests.Architecture;

/// <summary>The compose file as text, for what can be said without Docker.</summary>
internal static partial class ComposeFile
{
    public static string Text { get; } = Repository.Read("docker-compose.yml").ReplaceLineEndings("\n");

    /// <summary>Each service by name, with its lines; those that it takes from an anchor stand in them as <c>*name</c>.</summary>
    public static IReadOnlyDictionary<string, string> Services { get; } = Service()
        .Matches(Text[Text.IndexOf("\nservices:\n", StringComparison.Ordinal)..Text.IndexOf("\nvolumes:\n", StringComparison.Ordinal)])
        .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["lines"].Value);

    /// <summary>The lines of an anchor such as <c>x-program</c>.</summary>
    public static string Anchor(string name) => Regex.Match(Text, $@"^{name}: &.*\n(?<lines>(( .*)?\n)+)", RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Groups["lines"].Value;

    [GeneratedRegex(@"^  (?<name>[a-z-]+):\n(?<lines>((    .*)?\n)+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Service();
}
