using System.Collections;

namespace Broker.Producer.Cli.JobLogs;

/// <summary>
/// The items of a joblog, by their index: whether the last line of each says that it failed, and 32 bits of its hash. Takes 4.25 bytes per item; a changed item is
/// taken for the old one once in four thousand million.
/// </summary>
internal sealed class FinishedItems
{
    private const int BlockItems = 1 << 16;

    private readonly Dictionary<long, Block> _blocks = [];

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them have failed.</summary>
    public long Failed { get; private set; }

    /// <summary>No item behind this index has failed; -1 where none has.</summary>
    public long LastFailed { get; private set; } = -1;

    public void Add(JobLogLine line)
    {
        var (number, place) = Math.DivRem(line.Seq - 1, BlockItems);
        if (!_blocks.TryGetValue(number, out var block))
            _blocks.Add(number, block = new Block());
        if (!block.Known[(int)place])
            Count++;
        else if (block.Failed[(int)place])
            Failed--;
        block.Known[(int)place] = true;
        block.Failed[(int)place] = line.Failed;
        block.Hashes[place] = Shortened(line.Hash);
        if (!line.Failed)
            return;
        Failed++;
        LastFailed = Math.Max(LastFailed, line.Seq - 1);
    }

    /// <summary>What the joblog says of the item with this index and hash.</summary>
    public ItemRecord Find(long index, ulong hash)
    {
        var (number, place) = Math.DivRem(index, BlockItems);
        if (!_blocks.TryGetValue(number, out var block) || !block.Known[(int)place])
            return ItemRecord.None;
        return new ItemRecord(Exists: true, block.Failed[(int)place], Differs: block.Hashes[place] != Shortened(hash));
    }

    private static uint Shortened(ulong hash) => (uint)(hash ^ (hash >> 32));

    private sealed class Block
    {
        public BitArray Known { get; } = new(BlockItems);

        public BitArray Failed { get; } = new(BlockItems);

        public uint[] Hashes { get; } = new uint[BlockItems];
    }
}

/// <summary>What a joblog says of an item.</summary>
/// <param name="Exists">Whether it has a line.</param>
/// <param name="Failed">Whether the last of its lines says that it failed.</param>
/// <param name="Differs">Whether that line is about another item.</param>
internal readonly record struct ItemRecord(bool Exists, bool Failed, bool Differs)
{
    public static readonly ItemRecord None;
}
