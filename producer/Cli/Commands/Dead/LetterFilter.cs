using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Broker.Contracts;
using Broker.DeadLetters;

namespace Broker.Producer.Cli.Commands.Dead;

/// <summary>One condition on dead items: a field, an operator and a value, such as <c>type~Timeout</c>, <c>age&gt;1h</c> or <c>args.number=5</c>.</summary>
internal sealed partial class LetterFilter
{
    public const string Rule = "a condition is FIELD OPERATOR VALUE: type, message, job, batch, index, attempts, host, pid, age or args[.path], then = != ~ < <= > or >=, as in type~Timeout, age>1h, args.number=5";

    private readonly Func<DeadItem, object?> _field;
    private readonly string _operator;
    private readonly string _text;
    private readonly double? _number;

    private LetterFilter(Func<DeadItem, object?> field, string @operator, string text, double? number) => (_field, _operator, _text, _number) = (field, @operator, text, number);

    /// <exception cref="InvalidConfigurationException">It is none; says what is.</exception>
    public static LetterFilter Parse(string condition)
    {
        var parts = Shape().Match(condition);
        if (!parts.Success || FieldOf(parts.Groups["field"].Value) is not { } field)
            throw new InvalidConfigurationException($"--where '{condition}' cannot be read: {Rule}");
        var (comparison, value) = (parts.Groups["operator"].Value, parts.Groups["value"].Value);
        double? number = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain) ? plain : null;
        if (parts.Groups["field"].Value == "age")
            number = DurationText.TryParse(value, out var age) ? age.TotalSeconds : throw new InvalidConfigurationException($"--where '{condition}': '{value}' is not a duration; write 30s, 10m or 1h");
        if (number is null && comparison is not ("=" or "!=" or "~"))
            throw new InvalidConfigurationException($"--where '{condition}': {comparison} compares numbers, and '{value}' is none");
        return new LetterFilter(field, comparison, value, number);
    }

    public bool Accepts(DeadItem item)
    {
        var value = _field(item);
        if (_operator == "~")
            return $"{value}".Contains(_text, StringComparison.OrdinalIgnoreCase);
        if (value is double number && _number is { } other)
        {
            return _operator switch
            {
                "=" => number == other,
                "!=" => number != other,
                "<" => number < other,
                "<=" => number <= other,
                ">" => number > other,
                _ => number >= other,
            };
        }

        return _operator switch
        {
            "=" => string.Equals($"{value}", _text, StringComparison.OrdinalIgnoreCase),
            "!=" => !string.Equals($"{value}", _text, StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
    }

    private static Func<DeadItem, object?>? FieldOf(string name) => name switch
    {
        "type" => static item => item.FailureType,
        "message" => static item => item.FailureMessage,
        "job" => static item => item.JobId,
        "batch" => static item => item.BatchId,
        "index" => static item => (double)item.Index,
        "attempts" => static item => (double)item.Attempts.Count,
        "host" => static item => LastWorker(item)?.Host,
        "pid" => static item => (double?)LastWorker(item)?.ProcessId,
        "age" => static item => (DateTimeOffset.UtcNow - item.DiedAt)?.TotalSeconds,
        "args" => static item => Plain(item.Item),
        _ when name.StartsWith("args.", StringComparison.Ordinal) => item => JsonPath.Find(item.Item, name[5..]) is { } found ? Plain(found) : null,
        _ => null,
    };

    private static ProcessIdentity? LastWorker(DeadItem item) => item.Attempts.Count == 0 ? null : item.Attempts[^1].Worker;

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null => null,
        _ => value.GetRawText(),
    };

    [GeneratedRegex(@"^\s*(?<field>[a-z]+(\.[^\s=!~<>]+)?)\s*(?<operator>!=|<=|>=|=|~|<|>)\s*(?<value>.*?)\s*$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Shape();
}
