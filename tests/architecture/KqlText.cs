using System.Text.RegularExpressions;
using Broker.Logging;
using Broker.Logging.Elasticsearch;
using Broker.Logging.Events;
using Broker.Telemetry;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Architecture;

/// <summary>Checks a line of KQL against the mapping and the actions that are logged.</summary>
internal static partial class KqlText
{
    private static readonly HashSet<string> Actions =
        [.. typeof(EventActions).GetFields().Concat(typeof(LoggingActions).GetFields()).Select(field => field.GetValue(null)).OfType<EventId>().Select(action => action.Name!)];

    public static void AssertUsable(string kql)
    {
        if (kql.Length == 0)
            return;
        KqlQuery.Translate(kql);
        var fields = Field().Matches(kql).Select(match => match.Value).ToList();
        Assert.NotEmpty(fields);
        Assert.All(fields, field => Assert.Contains(field, IndexTemplate.Fields));
        var actions = Action().Matches(kql).SelectMany(match => match.Groups["names"].Value.Trim('(', ')').Split(" or ")).ToList();
        Assert.All(actions, action => Assert.Contains(action, Actions));
    }

    [GeneratedRegex("[@a-z_.]+(?= ?(:|>|<))", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Field();

    [GeneratedRegex(@"event\.action: (?<names>\([^)]*\)|[a-z-]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Action();
}
