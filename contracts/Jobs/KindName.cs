using System.Collections.Concurrent;
using System.Reflection;

namespace Broker.Contracts;

/// <summary>The rule for kind names, and the kind an args record declares.</summary>
public static class KindName
{
    private const int MaxLength = 100;

    private static readonly ConcurrentDictionary<Type, string> Known = new();

    /// <summary>Whether <paramref name="kind"/> can name a kind.</summary>
    public static bool IsValid(string kind) => kind.Length is > 0 and <= MaxLength
        && (char.IsAsciiLetterLower(kind[0]) || char.IsAsciiDigit(kind[0]))
        && kind.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '_' or '-');

    /// <summary>The rule as a sentence for error messages.</summary>
    public static string Rule => "a kind is 1 to 100 lower-case letters, digits, dots, dashes or underscores, starting with a letter or digit";

    /// <summary>The kind that <paramref name="argsType"/> declares by <c>public static string Kind</c>, or inherits.</summary>
    /// <exception cref="ArgumentException">It declares none, or one that breaks the rule.</exception>
    public static string Of(Type argsType) => Known.GetOrAdd(argsType, static type =>
    {
        var kind = type.GetProperty("Kind", BindingFlags.Public | BindingFlags.Static | BindingFlags.FlattenHierarchy)?.GetValue(null) as string;
        return kind switch
        {
            null => throw new ArgumentException($"{type} declares no kind: add `public static string Kind => \"...\";`", nameof(argsType)),
            _ when IsValid(kind) => kind,
            _ => throw new ArgumentException($"{type} declares the kind '{kind}', but {Rule}", nameof(argsType)),
        };
    });
}
