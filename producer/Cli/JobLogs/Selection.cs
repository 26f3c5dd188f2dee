using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.JobLogs;

/// <summary>Which items a map runs that goes on with an earlier one.</summary>
internal enum Resumption
{
    /// <summary>Those that have no line in the joblog.</summary>
    Rest,

    /// <summary>Those that have none, and those that failed.</summary>
    RestAndFailed,

    /// <summary>Those that failed.</summary>
    Failed,
}

/// <summary>Chooses the items of a resumed map by what the joblog says of them.</summary>
/// <param name="resumption">Which are chosen.</param>
/// <param name="kind">The kind of all items.</param>
/// <param name="finished">What the joblog says.</param>
internal sealed class Selection(Resumption resumption, string kind, FinishedItems finished)
{
    private readonly ItemHash _hash = new(kind);
    private long _skipped;
    private long _changed;

    /// <summary>So many items need to be read at most.</summary>
    public long Limit => resumption == Resumption.Failed ? finished.LastFailed + 1 : long.MaxValue;

    /// <summary>How many were skipped so far. Safe to read from any thread.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>Whether an item is not run again.</summary>
    public bool Skips(long index, ReadOnlyMemory<byte> item)
    {
        var record = finished.Find(index, _hash.Of(item.Span));
        var skips = resumption switch
        {
            Resumption.Rest => record is { Exists: true, Differs: false },
            Resumption.RestAndFailed => record is { Exists: true, Differs: false, Failed: false },
            _ => !record.Failed,
        };
        if (skips)
            Interlocked.Increment(ref _skipped);
        else if (record is { Exists: true, Differs: true } && _changed++ == 0)
            Screen.Say($"item {index} is not the one that the joblog has as Seq {index + 1}: it is run, and others that have changed as well");
        return skips;
    }

    /// <summary>Tells how many were skipped and changed.</summary>
    public void Summarise()
    {
        if (_changed > 1)
            Screen.Say($"{_changed} items were not those of the joblog and were run");
        if (Skipped > 0)
            Screen.Say($"{Skipped} {(Skipped == 1 ? "item was" : "items were")} skipped: {(resumption == Resumption.Failed ? "they did not fail in the joblog" : "they are in the joblog")}");
    }
}
