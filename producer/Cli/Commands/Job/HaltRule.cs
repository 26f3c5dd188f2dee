using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Broker.Producer.Cli.Commands.Job;

/// <summary>What is counted for a <see cref="HaltRule"/>.</summary>
internal enum HaltCount
{
    Failed,
    Succeeded,
    Done,
}

/// <summary>When a map halts, written as for GNU parallel: <c>now,fail=1</c>, <c>soon,done=10%</c>.</summary>
/// <param name="Text">As it was given, or what a short form stands for.</param>
/// <param name="Now">Whether items in flight are cancelled; else they finish.</param>
/// <param name="Counts">What is counted.</param>
/// <param name="Limit">How many there have to be, or which percentage of all items.</param>
/// <param name="IsPercentage">Whether <paramref name="Limit"/> is a percentage.</param>
internal sealed partial record HaltRule(string Text, bool Now, HaltCount Counts, int Limit, bool IsPercentage)
{
    private const string Never = "never";

    public static Option<HaltRule?> Option() => new("--halt")
    {
        Description = "Stop early: now (cancel what runs) or soon (let it finish), when N or N% of the items have failed, succeeded, are done",
        HelpName = "WHEN,WHY=N",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (TryParse(text, out var rule))
                return rule;
            result.AddError($"--halt '{text}' is no rule: write now or soon, a comma, and fail=N, success=N or done=N (N: a number from 1 on, or 1% to 100%), as now,fail=1; or never");
            return null;
        },
    };

    /// <param name="text">A rule; null comes of one that never halts.</param>
    /// <param name="rule">The rule.</param>
    public static bool TryParse(string text, out HaltRule? rule)
    {
        rule = null;
        text = text switch
        {
            "0" => Never,
            "1" => "soon,fail=1",
            "2" => "now,fail=1",
            "-1" => "soon,success=1",
            "-2" => "now,success=1",
            _ when text.EndsWith('%') && !text.Contains(',', StringComparison.Ordinal) => $"soon,fail={text}",
            _ => text,
        };
        if (text == Never)
            return true;
        var match = Written().Match(text);
        if (!match.Success || !int.TryParse(match.Groups["limit"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit))
            return false;
        var percentage = match.Groups["percent"].Success;
        var counts = match.Groups["why"].Value switch { "fail" => HaltCount.Failed, "success" => HaltCount.Succeeded, _ => HaltCount.Done };
        if (limit < 1 || (percentage && limit > 100))
            return false;
        rule = new HaltRule(text, match.Groups["when"].Value == "now", counts, limit, percentage);
        return true;
    }

    /// <summary>Whether it is reached.</summary>
    /// <param name="done">How many items have their outcome.</param>
    /// <param name="failed">How many of them failed.</param>
    /// <param name="total">How many items there are; null where that is not known yet, and then no percentage is reached.</param>
    public bool IsReached(long done, long failed, long? total)
    {
        var count = Counts switch { HaltCount.Failed => failed, HaltCount.Succeeded => done - failed, _ => done };
        return count > 0 && (IsPercentage ? count * 100m >= total * (decimal)Limit : count >= Limit);
    }

    [GeneratedRegex("^(?<when>now|soon),(?<why>fail|success|done)=(?<limit>[0-9]+)(?<percent>%)?\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Written();
}
