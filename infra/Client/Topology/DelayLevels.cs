using System.Text;
using Broker.Contracts;

namespace Broker.Topology;

/// <summary>
/// How the broker delays a job by any number of seconds with a fixed set of queues: level N holds a message for 2^N seconds. The routing key spells the delay in
/// binary, the highest bit first, then the kind. The exchange of a level puts a message with its bit into its queue, which hands it to the exchange of the level
/// below when its time is over; one without goes there at once.
/// </summary>
internal static class DelayLevels
{
    /// <summary>How many bits a delay has.</summary>
    public const int Count = 28;

    /// <summary>The level at which every delay begins.</summary>
    public const int Highest = Count - 1;

    /// <summary>How long a level holds a message.</summary>
    public static TimeSpan DurationOf(int level) => TimeSpan.FromSeconds(1L << level);

    /// <summary>The exchange behind a level.</summary>
    public static string Next(int level) => level == 0 ? Names.DelayedExchange : Names.DelayLevel(level - 1);

    /// <summary>What the queue of a level is bound with.</summary>
    public static string HoldPattern(int level) => Pattern(level, '1');

    /// <summary>What the exchange behind a level is bound with.</summary>
    public static string PassPattern(int level) => Pattern(level, '0');

    /// <summary>What the queue of a kind is bound with.</summary>
    public static string ArrivalPattern(string kind) => $"#.{Word(kind)}";

    /// <summary>The routing key of a job.</summary>
    /// <param name="delay">Whole seconds, up to <see cref="RetryAfterException.MaxDelay"/>.</param>
    /// <param name="kind">The job's kind.</param>
    public static string Key(TimeSpan delay, string kind)
    {
        var seconds = (long)delay.TotalSeconds;
        var key = new StringBuilder();
        for (var level = Highest; level >= 0; level--)
            key.Append((seconds >> level) & 1).Append('.');
        return key.Append(Word(kind)).ToString();
    }

    private static string Pattern(int level, char bit) => $"{string.Concat(Enumerable.Repeat("*.", Highest - level))}{bit}.#";

    /// <summary>A dot begins a new word of a routing key, and no kind has a slash.</summary>
    private static string Word(string kind) => kind.Replace('.', '/');
}
