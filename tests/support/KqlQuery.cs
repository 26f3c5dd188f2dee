using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Broker.Tests.Support;

/// <summary>
/// Translates KQL into the query that Kibana sends for it. Supports what the page of queries uses: and, or, not, parentheses,
/// <c>field: value</c> with quotes, wildcards and lists, <c>field: *</c>, and the four comparisons.
/// </summary>
public sealed partial class KqlQuery
{
    private readonly List<string> _tokens;
    private int _next;

    private KqlQuery(string text)
    {
        _tokens = [.. Token().Matches(text).Select(match => match.Value)];
        if (!string.IsNullOrWhiteSpace(Token().Replace(text, "")))
            throw new FormatException($"a quotation mark is left over in: {text}");
    }

    /// <exception cref="FormatException">The line is invalid, or uses unsupported KQL.</exception>
    public static JsonObject Translate(string text)
    {
        var query = new KqlQuery(text);
        var result = query.Any(query.Clause);
        return query._next == query._tokens.Count ? result : throw new FormatException($"unexpected '{query.Peek}' in: {text}");
    }

    private string? Peek => _next < _tokens.Count ? _tokens[_next] : null;

    private string Take() => _next < _tokens.Count ? _tokens[_next++] : throw new FormatException("the line ends too early");

    private bool Take(string word)
    {
        if (!string.Equals(Peek, word, StringComparison.OrdinalIgnoreCase))
            return false;
        _next++;
        return true;
    }

    private JsonObject Any(Func<JsonObject> part)
    {
        var parts = new JsonArray { All(part) };
        while (Take("or"))
            parts.Add(All(part));
        return parts.Count == 1 ? Sole(parts) : Bool("should", parts);
    }

    private JsonObject All(Func<JsonObject> part)
    {
        var parts = new JsonArray { Not(part) };
        while (Take("and"))
            parts.Add(Not(part));
        return parts.Count == 1 ? Sole(parts) : Bool("filter", parts);
    }

    private JsonObject Not(Func<JsonObject> part)
    {
        if (Take("not"))
            return Bool("must_not", [Not(part)]);
        if (!Take("("))
            return part();
        var inner = Any(part);
        return Take(")") ? inner : throw new FormatException($"')' is missing before '{Peek}'");
    }

    private JsonObject Clause()
    {
        var field = Take();
        return Take() switch
        {
            ":" => Not(() => Value(field, Take())),
            ">=" => Range(field, "gte"),
            "<=" => Range(field, "lte"),
            ">" => Range(field, "gt"),
            "<" => Range(field, "lt"),
            var other => throw new FormatException($"'{other}' after {field}: a field and a value are needed"),
        };
    }

    private static JsonObject Value(string field, string value) => value switch
    {
        "*" => Leaf("exists", "field", field),
        ['"', .. var phrase, '"'] => Leaf("match_phrase", field, phrase),
        _ when value.Contains('*', StringComparison.Ordinal) => new JsonObject
        {
            ["query_string"] = new JsonObject { ["fields"] = new JsonArray { field }, ["query"] = Reserved().Replace(value, @"\$0") },
        },
        _ => Leaf("match", field, value),
    };

    private JsonObject Range(string field, string bound) => new()
    {
        ["range"] = new JsonObject { [field] = new JsonObject { [bound] = Take().Trim('"') } },
    };

    private static JsonObject Leaf(string kind, string name, string value) => new() { [kind] = new JsonObject { [name] = value } };

    private static JsonObject Bool(string occurrence, JsonArray parts) => new() { ["bool"] = new JsonObject { [occurrence] = parts } };

    private static JsonObject Sole(JsonArray parts)
    {
        var part = parts[0]!.AsObject();
        parts.Clear();
        return part;
    }

    [GeneratedRegex("""
        "[^"]*"|>=|<=|[><:()]|[^\s"():<>]+
        """, RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();

    /// <summary>Characters with a meaning in query_string but not in KQL.</summary>
    [GeneratedRegex("""[+\-=&|!{}\[\]^~?\\/]""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reserved();
}
