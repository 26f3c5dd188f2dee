using Microsoft.CodeAnalysis;

namespace Broker.Analyzers;

/// <summary>The diagnostics, and the two questions they depend on: is there a kind, and is it a valid name.</summary>
internal static class KindRules
{
    private const int Longest = 100;

    public static readonly DiagnosticDescriptor Missing = new(
        "BROKER001",
        "A job type declares no kind",
        "The job type '{0}' declares no kind: add `public static string Kind => \"{1}\";`",
        "Jobs",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "The kind names the queue that the jobs are sent to. IJob<TResult> cannot make it abstract, so without this rule a job type that lacks it fails when it is first used.");

    public static readonly DiagnosticDescriptor Invalid = new(
        "BROKER002",
        "The kind of a job type breaks the rule for kind names",
        "'{0}' cannot be the kind of '{1}': a kind is 1 to 100 lower-case letters, digits, dots, dashes or underscores, starting with a letter or digit, for example \"{2}\"",
        "Jobs",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "The kind is part of a queue's name and of file names and settings, so it is checked when the job type is first used. This rule reports a constant kind that would fail there.");

    /// <summary>Whether <paramref name="property"/> is what <c>KindName.Of</c> reads at run time.</summary>
    public static bool IsKind(IPropertySymbol property) =>
        property is { Name: "Kind", IsStatic: true, DeclaredAccessibility: Accessibility.Public, Type.SpecialType: SpecialType.System_String, GetMethod: not null };

    /// <summary>The rule of <c>KindName.IsValid</c>, written again because an analyzer cannot load the assembly it ships with.</summary>
    public static bool IsValid(string kind) =>
        kind.Length is > 0 and <= Longest && IsLetterOrDigit(kind[0]) && kind.All(letter => IsLetterOrDigit(letter) || letter is '.' or '-' or '_');

    /// <summary>A valid kind for a type: <c>CountPrimes</c> gives <c>count-primes</c>.</summary>
    public static string Suggest(string typeName)
    {
        var words = typeName.Select((letter, index) => char.IsUpper(letter) && index > 0 && !char.IsUpper(typeName[index - 1]) ? $"-{letter}" : $"{letter}");
        var kind = string.Concat(words).ToLowerInvariant();
        return IsValid(kind) ? kind : "my-kind";
    }

    private static bool IsLetterOrDigit(char letter) => letter is >= 'a' and <= 'z' or >= '0' and <= '9';
}
