using System.Globalization;

namespace Broker.Topology;

/// <summary>
/// One of the streams that keep the outcomes of detached batches for a day. There is a fixed number of them: a stream's name becomes an Erlang atom that is never freed. What
/// is sent to a caller's results queue goes here instead, by the same exchange.
/// </summary>
internal readonly record struct OutcomeStream
{
    public const int Count = 8;

    private const string KeyPrefix = "outcomes.";

    private readonly int _number;

    private OutcomeStream(int number) => _number = number;

    public static IEnumerable<OutcomeStream> All => Enumerable.Range(0, Count).Select(number => new OutcomeStream(number));

    /// <summary>The queue's name.</summary>
    public string Name => $"{Names.OutcomeStreams}.{_number}";

    /// <summary>Its routing key on the results exchange.</summary>
    public string Key => $"{KeyPrefix}{_number}";

    /// <summary>That of a batch.</summary>
    public static OutcomeStream Of(Guid batchId)
    {
        Span<byte> bytes = stackalloc byte[16];
        batchId.TryWriteBytes(bytes);
        // The last bytes of a UUID of version 7 are random.
        return new OutcomeStream(bytes[15] % Count);
    }

    /// <summary>The stream behind a routing key of the results exchange; null where that is a caller's.</summary>
    public static OutcomeStream? Behind(string? replyTo) =>
        replyTo is not null && replyTo.StartsWith(KeyPrefix, StringComparison.Ordinal) && int.TryParse(replyTo.AsSpan(KeyPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < Count
            ? new OutcomeStream(number)
            : null;

    /// <summary>When a batch with this id was made, by the clock of its maker.</summary>
    public static DateTimeOffset TimeOf(Guid batchId)
    {
        Span<byte> bytes = stackalloc byte[16];
        batchId.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds(((long)bytes[0] << 40) | ((long)bytes[1] << 32) | ((long)bytes[2] << 24) | ((long)bytes[3] << 16) | ((long)bytes[4] << 8) | bytes[5]);
    }
}
